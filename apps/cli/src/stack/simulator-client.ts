import { request } from 'node:https';

/** How often the simulated tenant was asked to do something, and how often it did. */
export type WriteCounts = Record<string, { asked: number; applied: number }>;

export interface PostedMessage {
  conversationId: string;
  activityId: string;
  channelId: string | null;
  activity: unknown;
  /** What the message was before each update. */
  earlier: unknown[];
}

export interface SimulatedIncident {
  incident: Record<string, unknown>;
  journal: { element: string; value: string }[];
}

export interface GraphExchanges {
  exchanges: { method: string; url: string; body: unknown; status: number | null; answer: unknown }[];
  /** More than the simulator keeps. */
  dropped: number;
}

/** Talks to the simulator's admin API, which sets the tenant up and tells what happened in it. */
export class SimulatorClient {
  constructor(
    private readonly url: string,
    private readonly ca: string,
  ) {}

  loadTenant(given: unknown, now: Date): Promise<unknown> {
    return this.call('POST', '/_sim/tenant', { given, now: now.toISOString() });
  }

  /** @returns their ids */
  async addFaults(faults: readonly unknown[]): Promise<number[]> {
    return ((await this.call('POST', '/_sim/faults', faults)) as { ids: number[] }).ids;
  }

  removeFaults(ids: readonly number[]): Promise<unknown> {
    return this.call('DELETE', `/_sim/faults?ids=${ids.join(',')}`);
  }

  patch(patch: unknown): Promise<unknown> {
    return this.call('POST', '/_sim/patch', patch);
  }

  async writes(subject: string): Promise<WriteCounts> {
    const answer = (await this.call('GET', `/_sim/writes?subject=${encodeURIComponent(subject)}`)) as {
      counts: WriteCounts;
    };
    return answer.counts;
  }

  /** From now on: what goes over the wire of Graph. */
  keepGraphExchanges(): Promise<unknown> {
    return this.call('POST', '/_sim/graph-exchanges');
  }

  async graphExchanges(): Promise<GraphExchanges> {
    return (await this.call('GET', '/_sim/graph-exchanges')) as GraphExchanges;
  }

  user(id: string): Promise<unknown> {
    return this.call('GET', `/_sim/users/${id}`);
  }

  /** As if they had aged out of Identity Protection. */
  forgetDetections(userId: string): Promise<unknown> {
    return this.call('DELETE', `/_sim/users/${userId}/detections`);
  }

  async incident(sysId: string): Promise<SimulatedIncident> {
    return (await this.call('GET', `/_sim/incidents/${sysId}`)) as SimulatedIncident;
  }

  /** Messages of the bot that contain this text, for example a card id. */
  async messages(contains: string): Promise<PostedMessage[]> {
    const path = `/_sim/teams/messages?contains=${encodeURIComponent(contains)}`;
    return ((await this.call('GET', path)) as { messages: PostedMessage[] }).messages;
  }

  /** A person presses a button; the answer is what Teams would show. */
  async click(click: unknown): Promise<{ status: number; body: unknown }> {
    return (await this.call('POST', '/_sim/teams/click', click)) as { status: number; body: unknown };
  }

  /** Where the simulator sends a browser that asks for this page. */
  redirectOf(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const call = request(`${this.url}${path}`, { ca: this.ca, timeout: 30_000 }, (response) => {
        response.resume();
        const { location } = response.headers;
        if (location !== undefined) resolve(location);
        else reject(new Error(`simulator GET ${path}: ${response.statusCode}, and no redirect`));
      });
      call.on('timeout', () => call.destroy(new Error(`simulator GET ${path}: no answer`)));
      call.on('error', reject);
      call.end();
    });
  }

  private call(method: string, path: string, body?: unknown): Promise<unknown> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const headers = text === undefined ? {} : { 'content-type': 'application/json' };
      const call = request(
        `${this.url}${path}`,
        { method, ca: this.ca, headers, timeout: 30_000 },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const answer = Buffer.concat(chunks).toString('utf8');
            const status = response.statusCode ?? 0;
            if (status >= 300) reject(new Error(`simulator ${method} ${path}: ${status} ${answer}`));
            else resolve(answer === '' ? undefined : JSON.parse(answer));
          });
        },
      );
      call.on('timeout', () => call.destroy(new Error(`simulator ${method} ${path}: no answer`)));
      call.on('error', reject);
      call.end(text);
    });
  }
}
