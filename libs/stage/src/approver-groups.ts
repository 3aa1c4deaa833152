import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { EntraError, type GroupProtection, type RoleGroups } from '@sallyport/entra';
import { ConfigError, type Logger, type Readiness } from '@sallyport/service';
import { Gauge, type Registry } from 'prom-client';
import { type GroupRequirement, groupVariables } from './approver-env';

/** Protection is taken away rarely, and by few. */
const roundMs = 60 * 60_000;
/** Nobody can vote until it is put right: whoever has done so should not wait for an hour. */
const wrongRoundMs = 5 * 60_000;
/** Pauses while the directory cannot be asked. Before the first answer nobody can vote, so they stay short. */
const firstPauseMs = 5_000;
const pauseMaxMs = 60_000;
/** A reading that cannot be renewed counts for so long: a disturbance of Graph passes, a right that was taken away does not. */
const usableMs = 4 * roundMs;

export interface ApproverGroupsParts {
  /** For words about what stops the boot. */
  service: string;
  groups: RoleGroups;
  requirement: GroupRequirement;
  protectionOf: (groupId: string) => Promise<GroupProtection>;
  /** Absent: this service has other work, and is ready without. */
  readiness?: Readiness;
  registry: Registry;
  logger: Logger;
}

/**
 * Checks that the groups that hold the roles exist, and that none can join them unseen: at the start, and every hour.
 * Whoever may change such a group may make themselves an approver. Where that is not known, the service stays up and
 * takes no votes (see {@link areTrusted}): one that went away would tell nobody anything.
 */
export class ApproverGroups implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private checked = false;
  private pauseMs = firstPauseMs;
  /** When all was last found right, by the clock of the process; null where it is wrong, or not known. */
  private rightAtMs: number | null = null;
  private readonly isProtected: Gauge<'role'>;

  constructor(private readonly parts: ApproverGroupsParts) {
    parts.readiness?.needs('approver groups', async () => {
      if (!this.checked) throw new Error('the approver groups are not checked yet');
    });
    this.isProtected = new Gauge({
      name: 'sallyport_approver_group_protected',
      help: '1 where only privileged administrators can change who holds this role, 0 where others can',
      labelNames: ['role'],
      registers: [parts.registry],
    });
  }

  /** @throws ConfigError for a group that is not there, and for one that is open where that is not allowed */
  async onApplicationBootstrap(): Promise<void> {
    const problems = await this.check();
    if (problems.length > 0) throw new ConfigError(this.parts.service, problems);
  }

  onApplicationShutdown(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  /**
   * Whether anybody may be believed to hold a role now. Not before the groups were found right, nor once one is found
   * open, unless that is allowed.
   */
  areTrusted(): boolean {
    if (this.parts.requirement === 'warn') return true;
    return this.rightAtMs !== null && performance.now() - this.rightAtMs <= usableMs;
  }

  /** One round. @returns what must not be, in words; nothing where the directory cannot be asked */
  async check(): Promise<string[]> {
    const { groups, protectionOf, requirement, logger } = this.parts;
    const named = Object.entries(groups).flatMap(([role, id]) => (id ? [{ role, id }] : []));
    try {
      const found = await Promise.all(
        named.map(async ({ role, id }) => ({ role, protection: await protectionOf(id) })),
      );
      for (const { role, protection } of found) {
        this.isProtected.set({ role }, protection === 'protected' ? 1 : 0);
      }
      const unknown = variablesOf(found, 'unknownGroup').map(
        (name) => `${name}: the directory has no such group`,
      );
      const open = variablesOf(found, 'open').map((name) => `${name}: ${openWords}`);
      const problems = requirement === 'required' ? [...unknown, ...open] : unknown;
      this.rightAtMs = problems.length === 0 ? performance.now() : null;
      const votes = this.areTrusted() ? 'taken' : 'refused';
      for (const words of [...unknown, ...open]) logger.error({ requirement, votes }, words);
      this.checked ||= problems.length === 0;
      this.pauseMs = firstPauseMs;
      this.again(problems.length === 0 ? roundMs : wrongRoundMs);
      return problems;
    } catch (error) {
      if (!(error instanceof EntraError)) throw error;
      logger.warn({ err: error }, 'the approver groups could not be checked; tried again');
      this.again(this.pauseMs);
      this.pauseMs = Math.min(this.pauseMs * 2, pauseMaxMs);
      return [];
    }
  }

  private again(afterMs: number): void {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.check().catch((error: unknown) => {
        this.parts.logger.error({ err: error }, 'the approver groups could not be checked');
        this.again(pauseMaxMs);
      });
    }, afterMs);
    // The server keeps a service alive.
    this.timer.unref();
  }
}

const openWords =
  'this group is not protected, so that its owners and every administrator of groups can make themselves approvers. Make it role-assignable, or put it into a restricted management administrative unit';

const variablesOf = (
  found: readonly { role: string; protection: GroupProtection }[],
  wanted: GroupProtection,
) => found.filter(({ protection }) => protection === wanted).map(({ role }) => groupVariables[role] ?? role);
