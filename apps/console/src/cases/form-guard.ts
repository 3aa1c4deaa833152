import { Inject, Injectable } from '@nestjs/common';
import { type Clock, clockToken, type Logger, loggerToken } from '@sallyport/service';
import type { Request, Response } from 'express';
import { type ConsoleConfig, configToken } from '../config';
import { FormTokens } from '../form-token';
import { type SignedIn, Sessions } from '../sessions';
import { lacking, stepUpOf } from '../sign-in-proof';
import { loginPath, noDirectoryId, sendRefused, sendSignInFirst, type What } from './case-notices';
import { casePath, signInAgainPath } from './vote-form';

/** A form as it came in. */
export interface Sent<Form> {
  caseId: string;
  what: What;
  /** The address of the form: what its token is for. */
  path: string;
  /** null: it could not be read. */
  form: Form | null;
}

/**
 * What every form that decides something passes before anybody looks at what it says, in this order: sign-in, form
 * token, an id that the directory knows, step-up. That it comes from a page of ours was checked before.
 */
@Injectable()
export class FormGuard {
  constructor(
    private readonly sessions: Sessions,
    private readonly tokens: FormTokens,
    @Inject(configToken) private readonly config: ConsoleConfig,
    @Inject(clockToken) private readonly clock: Clock,
    @Inject(loggerToken) private readonly logger: Logger,
  ) {}

  /** @returns null where it did not pass, and the answer is sent */
  pass<Form extends { formToken: string }>(
    request: Request,
    response: Response,
    { caseId, what, path, form }: Sent<Form>,
  ): { form: Form; directoryId: string } | null {
    const back = casePath(caseId);
    const signedIn = this.sessions.signedIn(request);
    const refuse = (status: number, words: string) => (
      sendRefused(response, status, words, back, what),
      null
    );
    if (signedIn === null) return (sendSignInFirst(response, loginPath(back), what), null);
    if (form === null) return refuse(400, 'The form could not be read as sent.');
    if (!this.tokens.fits(signedIn, path, form.formToken)) {
      this.logger.warn({ caseId, path, by: signedIn.person.id }, 'a form of another sign-in');
      return refuse(403, 'This page is of another sign-in. Open the case again and do it there.');
    }
    const { directoryId } = signedIn.person;
    if (directoryId === null) return refuse(403, noDirectoryId);
    // What was chosen is not carried through the sign-in: whoever comes back looks again and chooses again.
    if (this.lacks(signedIn) !== null)
      return (sendSignInFirst(response, signInAgainPath(caseId), what), null);
    return { form, directoryId };
  }

  /** What a form needs of this sign-in and does not have; null for nothing. */
  lacks(signedIn: SignedIn): ReturnType<typeof lacking> {
    return lacking(signedIn.proof, stepUpOf(this.config), this.clock());
  }

  /** The token that a form at `path` carries. */
  tokenFor(signedIn: SignedIn, path: string): string {
    return this.tokens.issue(signedIn, path);
  }
}
