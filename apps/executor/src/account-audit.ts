import type { ActionRecord } from '@sallyport/case';
import { accountSteps, EvidenceReader, type GraphClient } from '@sallyport/entra';
import { clientRequestId } from '@sallyport/idempotency';

/** How far before our intent, by our clock, an entry of Microsoft's may be dated and still be about our call. */
const skewMs = 60_000;

/**
 * Whom the directory's own audit log names for a change. Its rows come minutes late and their names carry no contract:
 * `silent` says nothing, neither that it was us nor that it was not.
 */
export type AuditWord = 'us' | 'others' | 'silent';

export class AccountAudit {
  /** @param ownAppIds every app registration that Sallyport acts as */
  constructor(
    private readonly graph: GraphClient,
    private readonly ownAppIds: readonly string[],
  ) {}

  /** Never throws for an answer of Graph: a log that cannot be read is silent. */
  async word(
    { step, key, startedAt, sentAs }: Pick<ActionRecord, 'step' | 'key' | 'startedAt' | 'sentAs'>,
    subjectId: string,
    trace: string,
  ): Promise<AuditWord> {
    const reader = new EvidenceReader(this.graph, [trace, step, 'audit']);
    const since = new Date(Date.parse(startedAt) - skewMs).toISOString();
    const changes = await reader.changes(subjectId, since, this.ownAppIds);
    if (changes.state === 'unknown') return 'silent';
    const { auditedAs, auditNames = [] } = accountSteps[step];
    const done = changes.value.filter(
      ({ kind, activity, succeeded }) =>
        succeeded &&
        (auditedAs.includes(kind) || auditNames.includes(activity.untrusted.trim().toLowerCase())),
    );
    // Nobody else knows the id of our call. That a row carries it is not promised, and its absence says nothing.
    const ours = sentAs ?? clientRequestId(key);
    if (done.some(({ by, correlationId }) => by === 'sallyport' || correlationId === ours)) return 'us';
    return done.some(({ by }) => by !== 'unknown') ? 'others' : 'silent';
  }
}
