import {
  type Tenant,
  type TenantAudit,
  type TenantDetection,
  type TenantGroup,
  type TenantModel,
  type TenantRiskHistory,
  type TenantSignIn,
  type TenantUser,
} from '@sallyport/scenario';
import { newIncident, newJournalRow, type IncidentRow, type JournalRow } from './servicenow/incident';
import { Table } from './table';

/** The tenant at one moment. Everything that answers reads from a view; only effects write. */
export interface View {
  users: ReadonlyMap<string, TenantUser>;
  groups: ReadonlyMap<string, TenantGroup>;
  detections: ReadonlyMap<string, TenantDetection>;
  riskHistory: ReadonlyMap<string, TenantRiskHistory>;
  signIns: ReadonlyMap<string, TenantSignIn>;
  audits: ReadonlyMap<string, TenantAudit>;
  incidents: ReadonlyMap<string, IncidentRow>;
  journal: ReadonlyMap<string, JournalRow>;
}

export class State {
  readonly users = new Table<TenantUser>();
  readonly groups = new Table<TenantGroup>();
  readonly detections = new Table<TenantDetection>();
  readonly riskHistory = new Table<TenantRiskHistory>();
  readonly signIns = new Table<TenantSignIn>();
  readonly audits = new Table<TenantAudit>();
  readonly incidents = new Table<IncidentRow>();
  readonly journal = new Table<JournalRow>();
  /** Teams channels that a bot may post to: conversation id to the channel's name. */
  readonly channels = new Map<string, string>();
  /** Names of ServiceNow assignment groups seen so far. */
  readonly assignmentGroups = new Set<string>();
  /** The newest matching entry decides how the model behaves. */
  readonly models: TenantModel[] = [];
  private readonly later: { at: Date; effect: () => void }[] = [];

  current(): View {
    return {
      users: this.users.current,
      groups: this.groups.current,
      detections: this.detections.current,
      riskHistory: this.riskHistory.current,
      signIns: this.signIns.current,
      audits: this.audits.current,
      incidents: this.incidents.current,
      journal: this.journal.current,
    };
  }

  asOf(at: Date): View {
    return {
      users: this.users.asOf(at),
      groups: this.groups.asOf(at),
      detections: this.detections.asOf(at),
      riskHistory: this.riskHistory.asOf(at),
      signIns: this.signIns.asOf(at),
      audits: this.audits.asOf(at),
      incidents: this.incidents.asOf(at),
      journal: this.journal.asOf(at),
    };
  }

  /** Something the back end finishes on its own. It happens at the first call at or after that time. */
  schedule(at: Date, effect: () => void): void {
    this.later.push({ at, effect });
  }

  /** Lets everything that is due by now happen. Called before each call is looked at. */
  settle(now: Date): void {
    for (let i = 0; i < this.later.length;) {
      const due = this.later[i];
      if (due === undefined || due.at > now) i++;
      else {
        this.later.splice(i, 1);
        due.effect();
      }
    }
  }

  /** Adds a tenant to what is there; a row with a known id replaces the old one. */
  load(tenant: Tenant, now: Date): void {
    for (const row of tenant.users) this.users.set(row.id, row, now);
    for (const row of tenant.groups) this.groups.set(row.id, row, now);
    for (const row of tenant.detections) this.detections.set(row.id, row, now);
    for (const row of tenant.riskHistory) this.riskHistory.set(row.id, row, now);
    for (const row of tenant.signIns) this.signIns.set(row.id, row, now);
    for (const row of tenant.audits) this.audits.set(row.id, row, now);
    for (const { id, key } of tenant.channels) this.channels.set(id, key);
    for (const given of tenant.incidents) {
      if (given.assignmentGroup !== '') this.assignmentGroups.add(given.assignmentGroup);
      this.incidents.set(given.sysId, newIncident(given), now);
      const notes = [
        ...given.workNotes.map((value) => ({ element: 'work_notes' as const, value })),
        ...given.comments.map((value) => ({ element: 'comments' as const, value })),
      ];
      notes.forEach(({ element, value }, at) => {
        const row = newJournalRow(
          given.sysId,
          element,
          value,
          'system',
          new Date(given.openedAt),
          `given:${at}`,
        );
        this.journal.set(row.sys_id, row, now);
      });
    }
    if (tenant.model !== null) this.models.unshift(tenant.model);
  }
}
