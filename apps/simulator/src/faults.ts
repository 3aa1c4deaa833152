import { faultSchema, stableGuid, stableSysId, teamsUserId, type Fault } from '@sallyport/scenario';
import { type View } from './state';
import { type Call, type SurfaceName } from './surface';

/** A scenario orders a handful; more is a mistake of the one who orders. */
const maxFaults = 1_000;

interface ArmedFault {
  id: number;
  fault: Fault;
  path: RegExp | null;
  seen: number;
  struck: number;
}

/** The faults ordered so far. Those ordered first strike first. */
export class Faults {
  private readonly armed: ArmedFault[] = [];
  private ordered = 0;

  /** Throws `ZodError` on a malformed fault, `SyntaxError` on a bad expression, `RangeError` on too many. */
  add(given: unknown): number {
    if (this.armed.length >= maxFaults) throw new RangeError(`more than ${maxFaults} faults`);
    const fault = faultSchema.parse(given);
    const path = fault.on.path === undefined ? null : pathPattern(fault.on.path);
    const id = ++this.ordered;
    this.armed.push({ id, fault, path, seen: 0, struck: 0 });
    return id;
  }

  /** Those with these ids strike no more. */
  remove(ids: readonly number[]): void {
    const kept = this.armed.filter(({ id }) => !ids.includes(id));
    this.armed.splice(0, this.armed.length, ...kept);
  }

  list(): { id: number; fault: Fault; struck: number }[] {
    return this.armed.map(({ id, fault, struck }) => ({ id, fault, struck }));
  }

  /** The fault that strikes this call, if any; it counts as used. */
  strike(surface: SurfaceName, call: Call): Fault | null {
    for (const armed of this.armed) {
      const { fault } = armed;
      if (fault.times !== 'always' && armed.struck >= fault.times) continue;
      if (!matches(armed, surface, call)) continue;
      armed.seen += 1;
      if (armed.seen <= fault.after) continue;
      armed.struck += 1;
      return fault;
    }
    return null;
  }
}

function matches({ fault: { on }, path }: ArmedFault, surface: SurfaceName, call: Call): boolean {
  if (on.surface !== surface) return false;
  if (on.method !== undefined && on.method !== call.method) return false;
  if (path !== null && !path.test(call.path)) return false;
  if (on.user === undefined) return true;
  const text = `${call.path}\n${call.query.toString()}\n${call.text}`;
  return namesOf(on.user, call.view).some((name) => text.includes(name));
}

/** Everything by which a call can name this person: ids, addresses, and the incidents about them. */
function namesOf(user: string, view: View): string[] {
  const row = view.users.get(user) ?? [...view.users.values()].find(({ key }) => key === user);
  if (row === undefined) return [user, stableGuid('user', user), stableSysId('sys_user', user)];
  const incidents = [...view.incidents.values()].filter((incident) => incident['u_risky_user'] === row.sysId);
  return [
    row.id,
    row.userPrincipalName,
    row.sysId,
    teamsUserId(row.id),
    ...incidents.flatMap(({ sys_id, number }) => [sys_id, number]),
  ];
}

function pathPattern(path: string): RegExp {
  const expression = /^\/(.+)\/$/.exec(path)?.[1];
  // `/v1.0/users/` is a folder nobody has; a string between slashes is an expression.
  if (expression !== undefined) return new RegExp(expression);
  const source = path
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/\*\*/g, '\0')
    .replace(/\*/g, '[^/]*')
    .replace(/\0/g, '.*');
  return new RegExp(`^${source}$`);
}
