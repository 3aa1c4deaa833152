import { type Answer, type Call } from '../surface';

/** What one call asked and was told, as it went over the wire. */
export interface Exchange {
  method: string;
  /** After `/v1.0`, with its query. */
  url: string;
  body: unknown;
  /** null: no answer of Graph, because the connection broke or a page of something in between came. */
  status: number | null;
  answer: unknown;
}

/** Far more than a run of every scenario makes; what comes later is counted and not kept. */
const maxExchangesKept = 20_000;

/** For those who hold calls and answers to Microsoft's documents. Keeps nothing until it is asked to. */
export class ExchangeLog {
  private keeping = false;
  private readonly exchanges: Exchange[] = [];
  private dropped = 0;

  constructor(private readonly keptMax = maxExchangesKept) {}

  keep(): void {
    this.keeping = true;
  }

  kept(): { exchanges: readonly Exchange[]; dropped: number } {
    return { exchanges: this.exchanges, dropped: this.dropped };
  }

  add(call: Pick<Call, 'method' | 'body'>, url: string, answer: Answer | null): void {
    if (!this.keeping) return;
    // A broken connection and a page that is not Graph's are no answers of Graph; what was asked is kept all the same.
    const told = answer === null || answer.html !== undefined ? null : answer;
    if (this.exchanges.length >= this.keptMax) {
      this.dropped += 1;
      return;
    }
    this.exchanges.push({
      method: call.method,
      url: url.replace(/^\/v1\.0/, ''),
      body: withoutPasswords(call.body),
      status: told?.status ?? null,
      answer: withoutPasswords(told?.body),
    });
  }
}

/** As JSON has it, without what it leaves out. */
function withoutPasswords(body: unknown): unknown {
  if (body === undefined) return undefined;
  return JSON.parse(JSON.stringify(body), (key, value: unknown) => (key === 'password' ? 'not kept' : value));
}
