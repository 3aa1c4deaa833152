import { Controller, Get, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { type Logger, loggerToken } from '@sallyport/service';
import type { Request, Response } from 'express';
import { type ConsoleConfig, configToken } from './config';
import { html } from './html';
import { IdentityProvider, ProviderUnavailable, SignInRefused } from './identity-provider';
import { sendNotice } from './page';
import { appRoles, personFrom } from './person';
import { returnUrl } from './return-path';
import { Sessions } from './sessions';
import { signInProof, stepUpOf, stepUpParameters } from './sign-in-proof';

@Controller()
export class SignInController {
  constructor(
    private readonly sessions: Sessions,
    private readonly provider: IdentityProvider,
    @Inject(configToken) private readonly config: ConsoleConfig,
    @Inject(loggerToken) private readonly logger: Logger,
  ) {}

  /**
   * `return` is the page to come back to. `choose` asks for the account even where the provider remembers one; `again`
   * asks for a sign-in that a vote is taken from.
   */
  @Get('login')
  async login(
    @Req() request: Request,
    @Res() response: Response,
    @Query('return') path: unknown,
    @Query('choose') choose: unknown,
    @Query('again') again: unknown,
  ): Promise<void> {
    response.set('Cache-Control', 'no-store');
    try {
      const { url, secrets } = await this.provider.leave({
        ...(choose !== undefined && { prompt: 'select_account' }),
        ...(again !== undefined && stepUpParameters(stepUpOf(this.config))),
      });
      const returnTo = returnUrl(path, this.config.PUBLIC_URL).href;
      this.sessions.begin(request, { ...secrets, returnTo });
      response.redirect(302, url.href);
    } catch (error) {
      sendFailure(response, error);
    }
  }

  /** Where the provider sends the browser back to. */
  @Get('callback')
  async callback(@Req() request: Request, @Res() response: Response): Promise<void> {
    const pending = this.sessions.pending(request);
    this.sessions.forget(request);
    try {
      if (pending === null) throw new SignInRefused('no sign-in under way');
      const query = new URL(request.originalUrl, this.config.PUBLIC_URL).search;
      const claims = await this.provider.comeBack(query, pending);
      const person = personFrom(claims);
      if (person === null) {
        this.sessions.signOut(request);
        return sendNoRole(response);
      }
      this.sessions.signIn(request, person, signInProof(claims, stepUpOf(this.config)));
      this.logger.info({ by: person.id, role: person.role }, 'signed in');
      response.set('Cache-Control', 'no-store');
      response.redirect(302, pending.returnTo);
    } catch (error) {
      sendFailure(response, error);
    }
  }

  @Post('logout')
  logout(@Req() request: Request, @Res() response: Response): void {
    this.sessions.signOut(request);
    response.redirect(303, '/signed-out');
  }

  @Get('signed-out')
  signedOut(@Res() response: Response): void {
    sendNotice(response, {
      status: 200,
      title: 'Signed out',
      text: [html`You are signed out of Sallyport. Your organisation’s sign-in may still remember you.`],
      action: { href: '/login?choose', label: 'Sign in' },
    });
  }
}

function sendNoRole(response: Response): void {
  sendNotice(response, {
    status: 403,
    title: 'You have no role here',
    text: [
      html`You are known to your organisation, but nobody has given you a role in Sallyport.`,
      html`Ask an owner of the Sallyport console’s enterprise application in Microsoft Entra to assign you
        <strong>${appRoles.viewer}</strong> (to look, and to vote where you hold a role) or
        <strong>${appRoles.operator}</strong> (to retry jobs), then sign in again.`,
    ],
    action: { href: '/login?choose', label: 'Sign in again' },
  });
}

/** @throws what is neither the provider's fault nor the sign-in's */
function sendFailure(response: Response, error: unknown): void {
  if (error instanceof ProviderUnavailable) {
    return sendNotice(response, {
      status: 503,
      title: 'Sign-in is not possible now',
      text: [
        html`Your organisation’s sign-in cannot be reached. Cases go on without it. Try again in a minute.`,
      ],
      action: { href: '/login', label: 'Try again' },
    });
  }
  if (error instanceof SignInRefused) {
    return sendNotice(response, {
      status: 400,
      title: 'That sign-in did not work',
      text: [
        html`It was cancelled, took more than ten minutes, or was not started in this browser. You are signed
        in no further than before.`,
      ],
      action: { href: '/login', label: 'Sign in again' },
    });
  }
  throw error;
}
