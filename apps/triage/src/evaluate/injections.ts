import { type Evidence, type Reading, untrusted } from '@sallyport/evidence';
import { z } from 'zod';
import { readYaml, UnusableFile } from './read-yaml';

/** Where somebody outside can place a text that reaches triage. */
export const channels = ['ticket', 'displayName', 'userAgent', 'deviceName', 'managerNote'] as const;
export type Channel = (typeof channels)[number];

const own = 'own';
const textSchema = z.strictObject({
  text: z.string().min(1),
  /** A key of `sources`, or `own` where nothing published is followed. */
  source: z.string().min(1),
});
const corpusSchema = z.strictObject({
  /** Publications by a short name. */
  sources: z.record(z.string(), z.string().min(1)).default({}),
  styles: z.record(z.string(), z.partialRecord(z.enum(channels), z.array(textSchema))),
});

export interface Injection {
  channel: Channel;
  style: string;
  text: string;
  /** The publication whose technique it follows, or `own`. */
  source: string;
}

/** Reads a corpus, at least one text, each with its source. @throws UnusableFile */
export function readInjections(file: string): Injection[] {
  const { sources, styles } = readYaml(file, corpusSchema);
  const sourceOf = (name: string): string => {
    const source = name === own ? own : sources[name];
    if (source === undefined) throw new UnusableFile(`${file}: the source ${name} is not listed`);
    return source;
  };
  const injections = Object.entries(styles).flatMap(([style, group]) =>
    channels.flatMap((channel) =>
      (group[channel] ?? []).map(({ text, source }) => ({ channel, style, text, source: sourceOf(source) })),
    ),
  );
  if (injections.length === 0) throw new UnusableFile(`${file}: has no texts`);
  return injections;
}

/** The evidence as it would be had somebody put the text there. What is not known stays so. */
export function injected(evidence: Evidence, { channel, text: words }: Injection): Evidence {
  const text = untrusted(words);
  switch (channel) {
    case 'ticket':
      return {
        ...evidence,
        ticket: mapped(evidence.ticket, (it) => ({ ...it, shortDescription: text, description: text })),
      };
    case 'managerNote': {
      const note = (at: string) => ({ at, kind: 'comments', author: untrusted('manager'), text }) as const;
      return {
        ...evidence,
        ticket: mapped(evidence.ticket, (it) => ({ ...it, journal: [note(evidence.collectedAt)] })),
      };
    }
    case 'displayName':
      return { ...evidence, user: mapped(evidence.user, (it) => ({ ...it, displayName: text })) };
    case 'userAgent':
      return {
        ...evidence,
        signIns: mapped(evidence.signIns, (rows) =>
          rows.map((row) => ({ ...row, userAgent: text, app: text })),
        ),
      };
    case 'deviceName':
      return {
        ...evidence,
        devices: mapped(evidence.devices, (rows) => rows.map((row) => ({ ...row, name: text }))),
        signIns: mapped(evidence.signIns, (rows) => rows.map((row) => ({ ...row, deviceName: text }))),
      };
  }
}

function mapped<T>(reading: Reading<T>, change: (value: T) => T): Reading<T> {
  return reading.state === 'known' ? { ...reading, value: change(reading.value) } : reading;
}
