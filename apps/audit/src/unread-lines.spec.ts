import { evidence, unknown } from '@sallyport/evidence/testing';
import { unreadLines } from './unread-lines';

it('says nothing where everything was read', () => {
  expect(unreadLines(evidence())).toEqual([]);
});

it('names what could not be read and why, once per reason', () => {
  const down = { ...unknown('unavailable'), detail: 'unavailable: timeout (HTTP none)' };
  const refused = { ...unknown('forbidden'), detail: 'forbidden: Authorization_RequestDenied (HTTP 403)' };
  expect(unreadLines(evidence({ roles: refused, signIns: down, changes: down }))).toEqual([
    '- directory roles: reading was refused; have the credentials and permissions of the reader checked (forbidden: Authorization_RequestDenied (HTTP 403))',
    '- the sign-in log, the audit log: no usable answer came in time (unavailable: timeout (HTTP none))',
  ]);
});
