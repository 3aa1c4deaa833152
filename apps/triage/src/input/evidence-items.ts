import { timeWords } from '@sallyport/case';
import {
  classifiedKinds,
  type Detection,
  type Device,
  type Evidence,
  evidenceParts,
  type Instant,
  type Reading,
  type SignIn,
  type Untrusted,
} from '@sallyport/evidence';
import { isIP } from 'node:net';
import type { PersonalPart } from '../config';
import { Pseudonyms } from './pseudonyms';
import { shownText } from './shown-text';

/** One thing that a statement can cite. */
export interface EvidenceItem {
  /** Short, and ours: what the model cites. */
  id: string;
  /** Where it stands in the case log: what is stored. */
  ref: string;
  /**
   * Plain values ground what a model says, so each is a time, a number, a truth or a word out of a closed list. Whatever a
   * person, a device or an app could have put in words of its own is untrusted.
   */
  fields: Readonly<Record<string, string | number | boolean | Untrusted | null>>;
}

/** Rows of one kind that the model sees, newest first; the counts tell of the rest. */
const maxRows = { detections: 8, signIns: 10, changes: 10, devices: 5, journal: 5 } as const;
/** UTF-16 units of one text from outside: enough to tell what it is about. */
const maxTextLength = { short: 120, long: 800 } as const;

const known = <T>(reading: Reading<T>): T | null => (reading.state === 'known' ? reading.value : null);
const at = (instant: Instant | null): string | null => (instant ? timeWords(instant) : null);

/** In lower case. Of a new kind nobody here knows what it says. */
const detectionKinds: ReadonlySet<string> = new Set([...classifiedKinds, 'generic', 'unknown']);
/**
 * As Entra ID and Intune write them, in lower case. A device registers with whatever name of a system it likes, so any
 * other is a text from outside. Source: `operatingSystem` and `trustType` of device, Graph v1.0 schema.
 */
const operatingSystems: ReadonlySet<string> = new Set(
  `android androidenterprise androidforwork chromeos ios ipad ipados iphone linux macmdm macos windows windowsphone
   unknown`.split(/\s+/),
);
const trustTypes: ReadonlySet<string> = new Set(['azuread', 'serverad', 'workplace', 'unknown']);

/** What a model is told about a case: the same evidence gives the same items, and none of them names a person. */
export function evidenceItems(evidence: Evidence, maySee: readonly PersonalPart[]): EvidenceItem[] {
  const names = new Pseudonyms(evidence, maySee);
  const text = (value: Untrusted | string | null, maxLength: number): Untrusted | null => {
    if (value === null) return null;
    const plain = typeof value === 'string' ? value : value.untrusted;
    return { untrusted: shownText(names.text(plain.normalize('NFKC')), maxLength) };
  };
  const oneOf = (listed: ReadonlySet<string>, value: string): string | Untrusted | null =>
    listed.has(value.toLowerCase()) ? value : text(value, maxTextLength.short);
  const network = (ip: string): string | Untrusted | null => {
    const shown = names.network(ip);
    return /^network-\d+$/.test(shown) || isIP(shown) !== 0 ? shown : text(ip, maxTextLength.short);
  };
  const personal = (value: Untrusted | null): Untrusted | null =>
    maySee.includes('names') ? text(value, maxTextLength.short) : null;

  const detection = (row: Detection, n: number): EvidenceItem => ({
    id: `detection-${n}`,
    ref: `detections/${row.id}`,
    fields: {
      kind: oneOf(detectionKinds, row.kind),
      level: row.level,
      state: row.state,
      at: at(row.activityAt ?? row.detectedAt),
      country: row.country && country(row.country, text),
      network: row.ip && network(row.ip),
    },
  });
  const signIn = (row: SignIn, n: number): EvidenceItem => ({
    id: `signIn-${n}`,
    ref: `signIns/${row.id}`,
    fields: {
      at: at(row.at),
      succeeded: row.errorCode === 0,
      errorCode: row.errorCode,
      interactive: row.interactive,
      mfa: row.mfa,
      conditionalAccess: row.conditionalAccess,
      country: row.country && country(row.country, text),
      network: row.ip && network(row.ip),
      knownDevice: row.knownDevice,
      knownNetwork: row.knownNetwork,
      device: personal(row.deviceName),
      app: text(row.app, maxTextLength.short),
      userAgent: text(row.userAgent, maxTextLength.short),
    },
  });
  const device = (row: Device, n: number): EvidenceItem => ({
    id: `device-${n}`,
    ref: `devices/${row.id}`,
    fields: {
      name: personal(row.name),
      operatingSystem: oneOf(operatingSystems, row.operatingSystem),
      trustType: oneOf(trustTypes, row.trustType),
      compliant: row.compliant,
      managed: row.managed,
      registeredAt: at(row.registeredAt),
    },
  });

  return [
    ...accountItems(evidence),
    ...listed('detections', evidence.detections, maxRows.detections, detection),
    ...listed('signIns', evidence.signIns, maxRows.signIns, signIn),
    ...listed('changes', evidence.changes, maxRows.changes, (row, n) => ({
      id: `change-${n}`,
      ref: `changes/${row.id}`,
      fields: {
        kind: row.kind,
        at: at(row.at),
        succeeded: row.succeeded,
        by: row.by,
        activity: text(row.activity, maxTextLength.short),
      },
    })),
    ...listed('devices', evidence.devices, maxRows.devices, device),
    ...ticketItems(evidence, maySee, text),
    ...evidenceParts.flatMap((part) => {
      const reading = evidence[part];
      return reading?.state === 'unknown'
        ? [{ id: `unknown-${part}`, ref: part, fields: { notKnown: part, reason: reading.reason } }]
        : [];
    }),
  ];
}

function accountItems(evidence: Evidence): EvidenceItem[] {
  const items: EvidenceItem[] = [];
  const add = (id: string, fields: EvidenceItem['fields'], ref = id) => items.push({ id, ref, fields });
  const user = known(evidence.user);
  const standing = known(evidence.standing);
  const roles = known(evidence.roles);
  const risk = known(evidence.risk);
  const registration = known(evidence.registration);
  if (user)
    add('user', {
      accountEnabled: user.accountEnabled,
      userType: user.userType,
      synced: user.synced,
    });
  // No item has two times, or a sentence could tell the one with what happened at the other.
  if (user?.lastPasswordChangeAt)
    add('password', { lastPasswordChangeAt: at(user.lastPasswordChangeAt) }, 'user');
  if (user?.sessionsValidFrom) add('sessions', { sessionsValidFrom: at(user.sessionsValidFrom) }, 'user');
  if (standing) add('standing', { ...standing });
  if (roles) add('roles', { activeRoles: roles.active.length, eligibleRoles: roles.eligible.length });
  if (risk) add('risk', { level: risk.level, state: risk.state, lastUpdatedAt: at(risk.lastUpdatedAt) });
  if (registration)
    add('registration', {
      mfaRegistered: registration.mfaRegistered,
      selfServiceResetCapable: registration.selfServiceResetCapable,
      passwordlessCapable: registration.passwordlessCapable,
    });
  return items;
}

/** The ticket in our words; in the words of whoever wrote it only where the operator lets the model see them. */
function ticketItems(
  evidence: Evidence,
  maySee: readonly PersonalPart[],
  text: (value: Untrusted | null, maxLength: number) => Untrusted | null,
): EvidenceItem[] {
  const ticket = known(evidence.ticket);
  if (!ticket) return [];
  const { long, short } = maxTextLength;
  const spoken = maySee.includes('ticketText');
  const item: EvidenceItem = {
    id: 'ticket',
    ref: 'ticket',
    fields: {
      verifiedChannel: ticket.verifiedChannel,
      ...(spoken && {
        shortDescription: text(ticket.shortDescription, short),
        description: text(ticket.description, long),
      }),
    },
  };
  const journal = spoken ? (ticket.journal ?? []).slice(0, maxRows.journal) : [];
  return [
    item,
    ...journal.map((entry, n) => ({
      id: `note-${n + 1}`,
      ref: `ticket/journal/${n}`,
      fields: { kind: entry.kind, at: at(entry.at), text: text(entry.text, long) },
    })),
  ];
}

/** The newest rows, and an item with their number, so that a count can be cited. */
function listed<T>(
  part: 'detections' | 'signIns' | 'changes' | 'devices',
  reading: Reading<T[]>,
  maxShown: number,
  itemOf: (row: T, n: number) => EvidenceItem,
): EvidenceItem[] {
  const rows = known(reading);
  if (!rows) return [];
  const shown = rows.slice(0, maxShown);
  const count: EvidenceItem = { id: part, ref: part, fields: { count: rows.length, shown: shown.length } };
  return [count, ...shown.map((row, at) => itemOf(row, at + 1))];
}

const shortNames = new Intl.DisplayNames(['en'], { type: 'region', style: 'short', fallback: 'none' });
const longNames = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });

/** `QA (Qatar)`, in plain letters, so that it can be repeated as it is; what is no country code is text from outside. */
function country(
  code: string,
  text: (value: string, maxLength: number) => Untrusted | null,
): string | Untrusted | null {
  const short = /^[A-Z]{2}$/.test(code) ? shortNames.of(code) : undefined;
  if (!short) return text(code, maxTextLength.short);
  // `US` is no name.
  const name = (short.length > 3 ? short : longNames.of(code)) ?? code;
  const plain = name.normalize('NFD').replace(/\p{M}| \(.*\)$/gu, '');
  return `${code} (${plain.replaceAll('\u2019', "'").replaceAll('&', 'and').replace('St.', 'Saint')})`;
}
