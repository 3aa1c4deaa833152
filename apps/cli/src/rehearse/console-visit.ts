import type { Resolution } from '@sallyport/evidence';
import type { SimulatorClient } from '../stack/simulator-client';

/** A console is a process on the same machine. */
const timeoutMs = 30_000;

/** A person at the console, signed in as they would be by a browser: nothing here knows more than its pages say. */
export class ConsoleVisit {
  private readonly cookies = new Map<string, string>();

  constructor(
    private readonly consoleUrl: string,
    private readonly simulator: SimulatorClient,
  ) {}

  /** @param person whom the simulated provider signs in */
  async signIn(person: string): Promise<void> {
    const away = new URL(locationOf(await this.send('GET', '/login')));
    away.searchParams.set('login_hint', person);
    const back = new URL(await this.simulator.redirectOf(away.pathname + away.search));
    await this.send('GET', back.pathname + back.search);
  }

  /**
   * Fills in one of the forms that end the review of a case, and sends it.
   * @param said for each step, whether it is done
   * @returns what the person is shown: of a form that the page does not have, the page itself
   */
  async endReview(
    caseId: string,
    {
      resolution,
      note,
      said,
    }: { resolution: Resolution; note: string; said: Readonly<Record<string, boolean>> },
  ): Promise<string> {
    const page = await (await this.send('GET', `/cases/${caseId}`)).text();
    const form = page.split('<form').find((part) => part.includes(`value="${resolution}"`)) ?? '';
    const hidden = [...form.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)];
    if (hidden.length === 0) return textOf(page);
    const names = new Set([...form.matchAll(/name="(step\.\w+\.\w+)"/g)].map(([, name = '']) => name));
    const fields = new URLSearchParams(
      hidden.map(([, name = '', value = '']): [string, string] => [name, value]),
    );
    fields.set('note', note);
    for (const name of names) {
      const done = said[name.split('.').at(-1) ?? ''];
      if (done !== undefined) fields.set(name, done ? 'done' : 'notDone');
    }
    const answer = await this.send('POST', `/cases/${caseId}/review`, fields);
    const shown = answer.status === 303 ? await this.send('GET', locationOf(answer)) : answer;
    return textOf(await shown.text());
  }

  private async send(method: string, path: string, body?: URLSearchParams): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(new URL(path, this.consoleUrl), {
      ...{ method, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) },
      headers: { origin: this.consoleUrl, ...(cookie && { cookie }) },
      ...(body && { body }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.cookies.set(name, value);
    }
    return response;
  }
}

function locationOf(response: Response): string {
  const location = response.headers.get('location');
  if (location === null) throw new Error(`${response.url} answered ${response.status} and leads nowhere`);
  return location;
}

const textOf = (page: string): string =>
  page
    .replace(/<style>[\s\S]*?<\/style>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .replace(/\s+/g, ' ')
    .trim();
