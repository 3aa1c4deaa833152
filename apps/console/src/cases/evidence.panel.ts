import { type Case, closedBy } from '@sallyport/case';
import { type Change, type Detection, type Evidence, type Reading, type SignIn } from '@sallyport/evidence';
import { type Html, html } from '../html';
import { facts, list, panel, quoted, time } from './pieces';
import { unknownPanel } from './unknown.panel';

/** The newest of each; the rest is counted. */
const maxRows = 10;

export function evidencePanels({ evidence }: Case): Html {
  if (!evidence) return html``;
  return html`${panel('Evidence', evidenceBody(evidence))} ${unknownPanel(evidence)}`;
}

function evidenceBody(evidence: Evidence): Html {
  const ticket = known(evidence.ticket);
  return html`<p class="soft">Read ${time(evidence.collectedAt)}, and again before anything is done.</p>
    ${account(evidence)}
    <h3>Detections</h3>
    ${newest(evidence.detections, detectionRow, 'No detection.')}
    <h3>Sign-ins</h3>
    ${newest(evidence.signIns, signInRow, 'No sign-in.')}
    <h3>Changes to the account</h3>
    ${newest(evidence.changes, changeRow, 'No change.')}
    ${
      ticket
        ? html`<h3>What the ticket says <span class="soft small">(anybody can write a ticket)</span></h3>
            <blockquote>
              <p><strong>${quoted(ticket.shortDescription)}</strong></p>
              ${ticket.description.untrusted === '' ? html`` : html`<p class="verbatim">${quoted(ticket.description)}</p>`}
            </blockquote>`
        : html``
    }`;
}

function account(evidence: Evidence): Html {
  const user = known(evidence.user);
  const risk = known(evidence.risk);
  const manager = known(evidence.manager);
  const roles = known(evidence.roles);
  const registration = known(evidence.registration);
  return facts([
    ['Risk', risk && `${risk.level}, ${risk.state}${risk.processing ? ', still being computed' : ''}`],
    [
      'User',
      user && html`${quoted(user.displayName)} <span class="soft">${quoted(user.userPrincipalName)}</span>`,
    ],
    ['Account', user && accountWords(user.accountEnabled, user.userType)],
    ['Password changed', user && (user.lastPasswordChangeAt ? time(user.lastPasswordChangeAt) : 'not known')],
    ['Active roles', roles && (roles.active.length === 0 ? 'none' : names(roles.active))],
    ['MFA registered', registration && (registration.mfaRegistered ? 'yes' : 'no')],
    [
      'Manager',
      evidence.manager.state === 'known' ? (manager ? quoted(manager.displayName) : 'none named') : null,
    ],
  ]);
}

function accountWords(enabled: boolean | null, type: string): string {
  const state = enabled === null ? 'not known whether enabled' : enabled ? 'enabled' : 'disabled';
  return `${type}, ${state}`;
}

function names(roles: readonly { name: { untrusted: string } }[]): Html {
  return html`${roles.slice(0, maxRows).map(({ name }, at) => html`${at > 0 ? ', ' : ''}${quoted(name)}`)}
  ${roles.length > maxRows ? ` and ${roles.length - maxRows} more` : ''}`;
}

function newest<T>(reading: Reading<readonly T[]>, row: (item: T) => Html, none: string): Html {
  if (reading.state === 'unknown') return html`<p class="failed">Not known.</p>`;
  const rows = reading.value.slice(0, maxRows).map(row);
  const left = reading.value.length - rows.length;
  if (rows.length === 0) return html`<p class="soft">${none}</p>`;
  return list([...rows, ...(left > 0 ? [html`<span class="soft">and ${left} more</span>`] : [])], 'rows');
}

function detectionRow(detection: Detection): Html {
  const { kind, level, state, updatedAt, detectedAt, ip, country, correlationId } = detection;
  const closed = closedBy(detection);
  const stands = closed && updatedAt ? html`${closed} ${time(updatedAt)}` : (closed ?? state);
  const more = [country, ip, correlationId && `correlation ${correlationId}`].filter(Boolean).join(', ');
  return html`<strong>${kind}</strong> ${level}, ${time(detectedAt)}, ${stands}
    <span class="soft small">${more}</span>`;
}

function signInRow(signIn: SignIn): Html {
  const { at, errorCode, interactive, country, ip, deviceName, app, mfa, correlationId } = signIn;
  const hints = [seen('device', signIn.knownDevice), seen('network', signIn.knownNetwork)];
  const result = errorCode === 0 ? 'succeeded' : `failed (${errorCode})`;
  const where = [country, ip, ...hints].filter(Boolean).join(', ');
  return html`<strong>${result}</strong> ${time(at)}, ${interactive ? 'interactive' : 'not interactive'}, MFA
    ${mfaWords[mfa]}
    <span class="soft small"
      >${where} ${deviceName ? quoted(deviceName) : ''} ${app ? quoted(app) : ''}
      ${correlationId ? `correlation ${correlationId}` : ''}</span
    >`;
}

/** A hint, not proof; nothing where history does not tell. */
function seen(what: string, isKnown: boolean | null): string | null {
  if (isKnown === null) return null;
  return isKnown ? `${what} seen before` : `${what} not seen before`;
}

function changeRow({ activity, at, by, succeeded, mayBe }: Change): Html {
  const unclear = mayBe !== undefined && mayBe.length > 0;
  const result = succeeded ? '' : unclear ? ', not known whether it succeeded' : ', failed';
  return html`<strong>${quoted(activity)}</strong> ${time(at)}, by ${byWords[by]}${result}
    ${succeeded && unclear ? html`<span class="soft small">not known what it changed</span>` : ''}`;
}

const byWords: Readonly<Record<Change['by'], string>> = {
  subject: 'the user',
  otherPerson: 'another person',
  application: 'an application',
  sallyport: 'Sallyport',
  unknown: 'nobody known',
};

const mfaWords: Readonly<Record<SignIn['mfa'], string>> = {
  passed: 'passed',
  claimed: 'done in an earlier sign-in',
  notPassed: 'not passed',
  unknown: 'not known',
};

function known<T>(reading: Reading<T>): T | null {
  return reading.state === 'known' ? reading.value : null;
}
