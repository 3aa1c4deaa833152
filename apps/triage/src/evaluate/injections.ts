import { readFileSync } from 'node:fs';
import { type Evidence, type Reading, untrusted } from '@sallyport/evidence';
import { parse } from 'yaml';
import { z } from 'zod';

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

/** @throws ZodError for a file that is no corpus */
export function readInjections(file: string): Injection[] {
  const { styles } = corpusSchema.parse(parse(readFileSync(file, 'utf8')));
  return Object.entries(styles).flatMap(([style, group]) =>
    channels.flatMap((channel) => (group[channel] ?? []).map((text) => ({ channel, style, text }))),
  );
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
