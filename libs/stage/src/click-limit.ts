import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/**
 * Clicks of one person per minute that may be looked into and are refused for who they are, or because the directory
 * that was asked could not say. Nobody misses that often by mistake; whoever may vote is not counted.
 */
const clicksMax = 20;
const windowS = 60;

/**
 * Keeps one person's clicks from using up what all voters share: the directory and Identity Protection. Counted in this
 * process alone, because ids of people do not belong into the store of the queues: with several replicas it is so many
 * for each.
 */
export class ClickLimit {
  private readonly limiter: RateLimiterMemory;

  constructor(max = clicksMax) {
    this.limiter = new RateLimiterMemory({ points: max, duration: windowS });
  }

  /** @returns whether this click may be looked into */
  async takes(personId: string): Promise<boolean> {
    try {
      await this.limiter.consume(personId.toLowerCase());
      return true;
    } catch (refused) {
      if (refused instanceof RateLimiterRes) return false;
      throw refused;
    }
  }

  /** It was not in vain, or not for a reason that lies with this person. */
  async giveBack(personId: string): Promise<void> {
    await this.limiter.reward(personId.toLowerCase());
  }
}
