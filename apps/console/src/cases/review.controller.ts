import { Body, Controller, Param, Post, Req, Res } from '@nestjs/common';
import { CaseLogDamaged } from '@sallyport/case-log';
import { caseIdSchema, untrusted } from '@sallyport/evidence';
import { type EndingAnswer, ReviewEndings } from '@sallyport/stage';
import type { Request, Response } from 'express';
import { sendDamaged, sendNoCase, sendRefused } from './case-notices';
import { endingFrom } from './ending';
import { endingPath } from './ending-form';
import { endingRefusalPageWords } from './ending-words';
import { FormGuard } from './form-guard';
import { casePath } from './vote-form';

/** Where a person ends a manual review: a POST of the form on the case’s own page, guarded like a vote. */
@Controller('cases')
export class ReviewController {
  constructor(
    private readonly guard: FormGuard,
    private readonly endings: ReviewEndings,
  ) {}

  @Post(':caseId/review')
  async end(
    @Req() request: Request,
    @Res() response: Response,
    @Param('caseId') caseId: string,
    @Body() body: unknown,
  ): Promise<void> {
    if (!caseIdSchema.safeParse(caseId).success) return sendNoCase(response);
    const sent = { caseId, what: 'ending', path: endingPath(caseId), form: endingFrom(body) } as const;
    const passed = this.guard.pass(request, response, sent);
    if (passed === null) return;
    const { review, resolution, note, steps } = passed.form;
    const answer = await this.answerTo({
      ...{ caseId, personId: passed.directoryId, reviewSeq: review, resolution, steps },
      note: untrusted(note),
    });
    switch (answer) {
      case 'damaged':
        return sendDamaged(response);
      case 'noCase':
        return sendNoCase(response);
      default:
        if (answer.kind === 'ended') return response.redirect(303, casePath(caseId));
        return sendRefused(
          response,
          409,
          endingRefusalPageWords(answer.refusal, answer.case),
          casePath(caseId),
          'ending',
        );
    }
  }

  private async answerTo(
    request: Parameters<ReviewEndings['end']>[0],
  ): Promise<Exclude<EndingAnswer, { kind: 'noCase' }> | 'noCase' | 'damaged'> {
    try {
      const answer = await this.endings.end(request);
      return answer.kind === 'noCase' ? 'noCase' : answer;
    } catch (error) {
      if (!(error instanceof CaseLogDamaged)) throw error;
      return 'damaged';
    }
  }
}
