import { type TenantUser } from '@sallyport/scenario';
import { z } from 'zod';
import { type State } from '../state';
import { type Outcome } from '../surface';
import { appAudit } from './app-audit';
import { isProtected, strongestRoles } from './directory';
import { graphError } from './errors';
import { type GraphCall, type GraphRoute, holds, userOf } from './route';
import { bodyOf } from './users';

const accountSchema = z.strictObject({ accountEnabled: z.boolean() });
const passwordSchema = z.strictObject({
  passwordProfile: z.strictObject({
    password: z.string().min(8).max(256).optional(),
    forceChangePasswordNextSignIn: z.boolean().optional(),
    forceChangePasswordNextSignInWithMfa: z.boolean().optional(),
  }),
});
const patchSchema = z.union([accountSchema, passwordSchema, accountSchema.extend(passwordSchema.shape)]);

export const userWriteRoutes: readonly GraphRoute[] = [
  {
    method: 'POST',
    path: '/users/{id}/revokeSignInSessions',
    permissions: [['User.RevokeSessions.All'], ['User.ReadWrite.All'], ['Directory.ReadWrite.All']],
    handle: revokeSessions,
  },
  {
    method: 'PATCH',
    path: '/users/{id}',
    permissions: [
      ['User.EnableDisableAccount.All'],
      ['User-PasswordProfile.ReadWrite.All'],
      ['User.ReadWrite.All'],
    ],
    handle: patchUser,
  },
];

function revokeSessions(call: GraphCall): Outcome {
  const user = userOf(call);
  return {
    answer: {
      status: 200,
      body: { '@odata.context': `${call.origin}/v1.0/$metadata#Edm.Boolean`, value: true },
    },
    writes: [{ operation: 'revokeSessions', target: user.id, subjects: [user.id] }],
    effect: (state) => {
      state.users.set(
        user.id,
        { ...user, signInSessionsValidFromDateTime: call.now.toISOString() },
        call.now,
      );
      audit(state, call, user, 'Update StsRefreshTokenValidFrom Timestamp');
    },
  };
}

function patchUser(call: GraphCall): Outcome {
  const user = userOf(call);
  const patch = bodyOf(call, patchSchema);
  const account = 'accountEnabled' in patch ? patch.accountEnabled : undefined;
  const password = 'passwordProfile' in patch ? patch.passwordProfile : undefined;
  const writes = [
    ...(account === undefined ? [] : [{ operation: account ? 'enableAccount' : 'disableAccount' }]),
    ...(password === undefined ? [] : [{ operation: 'forcePasswordChange' }]),
  ].map((write) => ({ ...write, target: user.id, subjects: [user.id] }));

  // A call that changes both fails as a whole if either right is missing.
  const refused = refusal(call, user, account !== undefined, password !== undefined);
  if (refused !== null) return { answer: refused, writes };
  return {
    answer: { status: 204 },
    writes,
    effect: (state) => {
      const at = call.now.toISOString();
      state.users.set(
        user.id,
        {
          ...user,
          ...(account === undefined ? {} : { accountEnabled: account }),
          ...(password === undefined
            ? {}
            : {
                ...(password.password === undefined ? {} : { lastPasswordChangeDateTime: at }),
                forceChangePasswordNextSignIn:
                  (password.forceChangePasswordNextSignIn ?? false) ||
                  (password.forceChangePasswordNextSignInWithMfa ?? false),
              }),
        },
        call.now,
      );
      if (account !== undefined) audit(state, call, user, account ? 'Enable account' : 'Disable account');
      if (password?.password !== undefined) audit(state, call, user, 'Reset user password');
      if (password !== undefined) audit(state, call, user, 'Update user');
    },
  };
}

/** Who may act on whom: https://learn.microsoft.com/graph/api/resources/users#who-can-perform-sensitive-actions */
function refusal(call: GraphCall, user: TenantUser, account: boolean, password: boolean) {
  const { caller } = call;
  const denied = () => graphError(call, 403, 'Insufficient privileges to complete the operation.');
  const strong = strongestRoles.some((role) => caller.directoryRoles.includes(role));
  if (account && !holds(caller, 'User.EnableDisableAccount.All', 'User.ReadWrite.All')) return denied();
  if (password && !holds(caller, 'User-PasswordProfile.ReadWrite.All', 'User.ReadWrite.All')) return denied();
  // App-only, a password needs at least User Administrator on the service principal besides the permission.
  if (password && !strong && !caller.directoryRoles.includes('User Administrator')) return denied();
  if (isProtected(call.view, user) && !strong) return denied();
  if (password && user.onPremisesSyncEnabled) {
    // Not listed among the writeback operations; the simulator takes the strict reading.
    return graphError(
      call,
      400,
      'Unable to update the specified properties for on-premises mastered Directory Sync objects.',
      'Request_BadRequest',
    );
  }
  return null;
}

function audit(state: State, call: GraphCall, user: TenantUser, activity: string): void {
  const row = appAudit(call, user, activity, { category: 'UserManagement', service: 'Core Directory' });
  state.audits.set(row.id, row, call.now);
}
