import { Inject, Injectable } from '@nestjs/common';
import { CaseLog } from '@sallyport/case-log';
import type { Decision, EventOf, Instant } from '@sallyport/evidence';
import { campaignKey } from '@sallyport/idempotency';
import { type PolicyConfig, policyConfigToken } from './config';

/** What a decision writes about the group, and who led it when that was read. */
export interface Joining {
  group: EventOf<'policy.decided'>['group'];
  seenLead: string | null;
}

/** Which group case a case belongs to: the one that is open for its kind of detection, or else a new one that it leads. */
@Injectable()
export class Groups {
  constructor(
    private readonly log: CaseLog,
    @Inject(policyConfigToken) private readonly config: Pick<PolicyConfig, 'GROUP_WINDOW_MINUTES'>,
  ) {}

  async joining(caseId: string, { campaign }: Decision, at: Instant): Promise<Joining> {
    if (!campaign) return { group: undefined, seenLead: null };
    const key = campaignKey(campaign.kind);
    const seen = await this.log.groupOf(key);
    const windowMs = this.config.GROUP_WINDOW_MINUTES * 60_000;
    // Whoever closed the lead has ended that group, and is not told of it any more.
    const open = seen?.open && Date.parse(at) - Date.parse(seen.lastJoinedAt) <= windowMs;
    const leadCaseId = open ? seen.leadCaseId : caseId;
    return { group: { key, leadCaseId }, seenLead: seen?.leadCaseId ?? null };
  }
}
