import { type Evidence, type Reading, untrusted } from '@sallyport/evidence';
import { z } from 'zod';
import { readYaml, UnusableFile } from './read-yaml';

/** Where somebody outside can place a text that reaches triage. */
export const channels = ['ticket', 'displayName', 'userAgent', 'deviceName', 'managerNote'] as const;
export type Channel = (typeof channels)[number];

const corpusSchema = z.strictObject({
  styles: z.record(
    z.string(),
    z
      .strictObject({ after: z.string().optional() })
      .extend(
        Object.fromEntries(
          channels.map((channel) => [channel, z.array(z.string().min(1)).optional()]),
        ) as Record<Channel, z.ZodOptional<z.ZodArray<z.ZodString>>>,
      ),
  ),
});

export interface Injection {
  channel: Channel;
  style: string;
  text: string;
}

/** Reads a corpus, at least one text. @throws UnusableFile */
export function readInjections(file: string): Injection[] {
  const { styles } = readYaml(file, corpusSchema);
  const injections = Object.entries(styles).flatMap(([style, group]) =>
    channels.flatMap((channel) => (group[channel] ?? []).map((text) => ({ channel, style, text }))),
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
