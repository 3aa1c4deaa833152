import { AccessToken } from './access-token';
import { originOf } from './base-url';
import { exchange, type JsonAnswer } from './exchange';
import { ServiceNowError } from './service-now-error';

export interface ServiceNowOptions {
  /** `https://<instance>.service-now.com` */
  instanceUrl: string;
  clientId: string;
  clientSecret: string;
  /** Bound of one call. Default 20 s: the instance's own quota rules cancel REST calls at about 60 s. */
  timeoutMs?: number;
  now?: () => Date;
}

export interface TableCall {
  method: 'GET' | 'POST' | 'PATCH';
  /** `incident` or `incident/<sys_id>`; already validated, the path is case-sensitive. */
  resource: string;
  query: Readonly<Record<string, string>>;
  body?: Readonly<Record<string, string>>;
}

export interface ServiceNowClient {
  call(call: TableCall): Promise<JsonAnswer>;
}

/** Table API v2, pinned: v1 answers 404 for an empty list. Dates are UTC database values, never display values. */
const tableApi = '/api/now/v2/table/';
const always = { sysparm_display_value: 'false', sysparm_exclude_reference_link: 'true' };

/** @throws TypeError for an instance URL that is not https. */
export function createServiceNowClient(options: ServiceNowOptions): ServiceNowClient {
  const { clientId, clientSecret, timeoutMs = 20_000, now = () => new Date() } = options;
  const origin = originOf(options.instanceUrl);
  const token = new AccessToken({ origin, clientId, clientSecret, timeoutMs, now });

  async function once({ method, resource, query, body }: TableCall, bearer: string): Promise<JsonAnswer> {
    const url = new URL(tableApi + resource, origin);
    for (const [name, value] of Object.entries({ ...always, ...query })) url.searchParams.set(name, value);
    const headers = { Accept: 'application/json', Authorization: `Bearer ${bearer}` };
    const init: RequestInit = body
      ? { method, headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body) }
      : { method, headers };
    return exchange(url, init, timeoutMs);
  }

  return {
    /** One exchange; a second one only after 401, which is answered before anything is read or written. */
    async call(call) {
      const bearer = await token.current();
      try {
        return await once(call, bearer);
      } catch (error) {
        if (!(error instanceof ServiceNowError) || error.status !== 401) throw error;
        token.discard(bearer);
        return once(call, await token.current());
      }
    },
  };
}
