import type { Answer, OidcProvider } from './oidc-provider';

/** For specs only: keeps cookies, follows no redirect, and says where its requests come from as browsers do. */
export class Browser {
  readonly cookies = new Map<string, string>();

  constructor(readonly home: string) {}

  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return this.send('GET', path, headers);
  }

  /** From a page of the console itself, unless `headers` say otherwise. */
  change(
    method: string,
    path: string,
    headers: Record<string, string> = { origin: this.home, 'sec-fetch-site': 'same-origin' },
    body?: unknown,
  ): Promise<Response> {
    return this.send(method, path, headers, body === undefined ? undefined : JSON.stringify(body));
  }

  /** Sends a form as a browser does, from a page of the console itself unless `headers` say otherwise. */
  submit(
    path: string,
    fields: Record<string, string> | [string, string][],
    headers: Record<string, string> = { origin: this.home, 'sec-fetch-site': 'same-origin' },
  ): Promise<Response> {
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    return this.send('POST', path, { ...headers, ...type }, new URLSearchParams(fields).toString());
  }

  /** Goes to the provider and comes back. */
  async signIn(provider: OidcProvider, answer: Answer, login = '/login'): Promise<Response> {
    const away = await this.get(login);
    const back = provider.signIn(locationOf(away), answer);
    return this.get(back.pathname + back.search);
  }

  private async send(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: string,
  ): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(new URL(path, this.home), {
      method,
      redirect: 'manual',
      headers: { 'content-type': 'application/json', ...headers, ...(cookie && { cookie }) },
      ...(body !== undefined && { body }),
    });
    for (const line of response.headers.getSetCookie()) this.keep(line);
    return response;
  }

  private keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (value === '') this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

export function locationOf(response: Response): URL {
  return new URL(response.headers.get('location') ?? 'none:');
}
