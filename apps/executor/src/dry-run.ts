import type { Case } from '@sallyport/case';

/** Cases in which everything is done but the writes. */
export class DryRun {
  /** @param categories of incidents that are dry runs, where not all are; compared without regard to case */
  constructor(
    private readonly all: boolean,
    private readonly categories: readonly string[],
  ) {}

  /**
   * Asked before the first intent of a plan, and written with each. Whoever may write the ticket can make a dry run of it: nothing is
   * called then, and a person is told.
   */
  covers({ evidence }: Pick<Case, 'evidence'>): boolean {
    if (this.all) return true;
    if (evidence?.ticket.state !== 'known') return false;
    const category = evidence.ticket.value.category.trim().toLowerCase();
    return this.categories.some((dry) => dry.toLowerCase() === category);
  }
}
