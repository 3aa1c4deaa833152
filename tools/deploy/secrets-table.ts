import { textOf } from './repository';

/** A row of the table in docs/secrets.md. */
export interface SecretRow {
  services: string[];
  variable: string;
  /** Names in backticks of the third column: the client, then its permissions and roles. */
  opens: string[];
  why: string;
}

const names = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? '');

export function secretRows(): SecretRow[] {
  const lines = textOf('docs/secrets.md')
    .split('\n')
    .filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) => {
    const [services = '', variable = '', opens = '', why = ''] = line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim());
    return { services: services.split(', '), variable: names(variable)[0] ?? '', opens: names(opens), why };
  });
}

/** Variables that hold a secret of this service, sorted. */
export const secretsOf = (service: string): string[] =>
  secretRows()
    .filter((row) => row.services.includes(service))
    .map((row) => row.variable)
    .sort();

/** Shared by all, for the reason that docs/secrets.md gives. */
export const sharedSecrets = ['DATABASE_URL', 'QUEUE_URL'];

/** Whether a variable's name says that its value is a secret. */
export const soundsSecret = (variable: string): boolean =>
  /SECRET|PASSWORD|TOKEN$|API_KEY|^DATABASE_|^QUEUE_URL$|_AUTH$/.test(variable);
