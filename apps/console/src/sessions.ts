import cookieSession from 'cookie-session';
import type { Request, RequestHandler } from 'express';
import type { Clock } from '@sallyport/service';
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { ConsoleConfig } from './config';
import { type Person, personSchema } from './person';
import { type SignInProof, signInProofSchema } from './sign-in-proof';

/** A working day. Roles are read at sign-in, so this also bounds how long one that was taken away still counts. */
export const sessionLifetimeMs = 8 * 3_600_000;
/** From leaving for the identity provider to coming back, a second factor included. */
export const signInLifetimeMs = 10 * 60_000;
/** Replicas' clocks may differ by this much; a time further ahead of ours is no time we wrote. */
const clockSkewMs = 60_000;

const signInSchema = z.strictObject({
  state: z.string(),
  nonce: z.string(),
  codeVerifier: z.string(),
  /** A page of this console, as an absolute URL. */
  returnTo: z.string(),
  startedAtMs: z.int(),
});
/** A sign-in that has left for the identity provider. */
export type PendingSignIn = z.infer<typeof signInSchema>;

const signedInSchema = z.strictObject({
  /** Random, and new with each sign-in: what forms are bound to. */
  signInId: z.string().min(1).max(64),
  person: personSchema,
  signedInAtMs: z.int(),
  proof: signInProofSchema,
});
/** Somebody who is signed in, and how they proved who they are. */
export type SignedIn = z.infer<typeof signedInSchema>;

const sessionSchema = z.strictObject({
  signedIn: signedInSchema.optional(),
  signIn: signInSchema.optional(),
});

/**
 * Who is signed in, kept in a signed cookie: replicas share nothing but the secret. What stands in it is checked again
 * at each request, and one that does not read as ours counts as none.
 *
 * Deliberately absent: a list of ended sessions. Signing out clears the browser; a copy of the cookie taken before
 * then is good until its eight hours are over or SESSION_SECRET changes.
 */
export class Sessions {
  constructor(
    private readonly config: Pick<ConsoleConfig, 'PUBLIC_URL' | 'SESSION_SECRET'>,
    private readonly clock: Clock,
  ) {}

  /** Reads and writes the cookie. Goes before everything that asks for a session. */
  middleware(): RequestHandler[] {
    const secure = this.config.PUBLIC_URL.protocol === 'https:';
    const cookie = cookieSession({
      // Browsers take a `__Host-` cookie only from this very host and over https: no sibling domain can plant one.
      name: secure ? '__Host-sallyport' : 'sallyport',
      keys: [this.config.SESSION_SECRET],
      httpOnly: true,
      // Lax, because the identity provider's redirect back is a cross-site navigation.
      sameSite: 'lax',
      secure,
      path: '/',
    });
    return [(request, _response, next) => (this.declareProtocol(request), next()), cookie];
  }

  /** Null when nobody is signed in, or was for {@link sessionLifetimeMs}. */
  person(request: Request): Person | null {
    return this.signedIn(request)?.person ?? null;
  }

  /** Like {@link person}, with what the sign-in proved. */
  signedIn(request: Request): SignedIn | null {
    const { signedIn } = this.read(request);
    return signedIn && this.isYoungerThan(sessionLifetimeMs, signedIn.signedInAtMs) ? signedIn : null;
  }

  /** The sign-in under way in this browser, null when there is none or it took more than {@link signInLifetimeMs}. */
  pending(request: Request): PendingSignIn | null {
    const { signIn } = this.read(request);
    return signIn && this.isYoungerThan(signInLifetimeMs, signIn.startedAtMs) ? signIn : null;
  }

  /** Whoever is signed in stays so until the sign-in succeeds. */
  begin(request: Request, signIn: Omit<PendingSignIn, 'startedAtMs'>): void {
    const startedAtMs = this.clock().getTime();
    request.session = { ...this.read(request), signIn: { ...signIn, startedAtMs } };
  }

  /** Each sign-in is answered once, whether it succeeds or not. */
  forget(request: Request): void {
    const { signIn: _, ...rest } = this.read(request);
    request.session = Object.keys(rest).length > 0 ? rest : null;
  }

  /** A new session: nothing of an earlier one is carried over. */
  signIn(request: Request, person: Person, proof: SignInProof): void {
    const signedIn: SignedIn = {
      signInId: randomBytes(24).toString('base64url'),
      person,
      signedInAtMs: this.clock().getTime(),
      proof,
    };
    request.session = { signedIn };
  }

  signOut(request: Request): void {
    request.session = null;
  }

  private read(request: Request): z.infer<typeof sessionSchema> {
    const parsed = sessionSchema.safeParse({ ...request.session });
    return parsed.success ? parsed.data : {};
  }

  private isYoungerThan(lifetimeMs: number, sinceMs: number): boolean {
    const ageMs = this.clock().getTime() - sinceMs;
    return ageMs < lifetimeMs && ageMs > -clockSkewMs;
  }

  /**
   * TLS ends before us, so Express would call every request http and the cookie library would silently keep back a
   * secure cookie. PUBLIC_URL knows better than a header that any client can send.
   */
  private declareProtocol(request: Request): void {
    Object.defineProperty(request, 'protocol', { value: this.config.PUBLIC_URL.protocol.slice(0, -1) });
  }
}
