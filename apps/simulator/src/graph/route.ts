import { type TenantUser } from '@sallyport/scenario';
import { type Answer, type Call, type Outcome, Refusal, type Route } from '../surface';
import { notFound } from './errors';

/** An application that holds a token for Graph. */
export interface GraphCaller {
  appId: string;
  servicePrincipalId: string;
  permissions: ReadonlySet<string>;
  /** Display names of the directory roles of its service principal. */
  directoryRoles: readonly string[];
}

export interface GraphCall extends Call {
  params: Record<string, string>;
  caller: GraphCaller;
}

/** The throttling group a call counts in. https://learn.microsoft.com/graph/throttling-limits */
export type ThrottleGroup = 'identityProtection' | 'reports' | 'directory';

export interface GraphRoute extends Route {
  /** Alternatives; of one alternative the token must hold all. Empty: not available to applications. */
  permissions: readonly (readonly string[])[];
  /** Default `directory`. */
  throttle?: ThrottleGroup;
  handle(call: GraphCall): Outcome;
}

/** A read: an answer and nothing else. */
export const reads =
  (answer: (call: GraphCall) => Answer): GraphRoute['handle'] =>
  (call) => ({ answer: answer(call) });

/** The user that the path names by object id or user principal name; deleted people are gone from the directory. */
export function userOf(call: GraphCall): TenantUser {
  const name = (call.params['id'] ?? '').toLowerCase();
  const user =
    call.view.users.get(name) ??
    [...call.view.users.values()].find(({ userPrincipalName }) => userPrincipalName.toLowerCase() === name);
  if (user === undefined || user.deleted) throw new Refusal(notFound(call, name));
  return user;
}

export const holds = (caller: GraphCaller, ...alternatives: readonly string[]): boolean =>
  alternatives.some((permission) => caller.permissions.has(permission));
