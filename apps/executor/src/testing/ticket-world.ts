/** For specs: a ServiceNow instance with the one ticket of the sample case, over real HTTP. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { opened } from '@sallyport/case/testing';
import { callerId, subjectId } from '@sallyport/evidence/testing';
import { createServiceNowClient, TicketReader } from '@sallyport/servicenow';

export const subjectField = 'u_risky_user.u_entra_object_id';

const ordinary = () => ({ status: 200, active: 'true', subject: subjectId, caller: callerId, opener: '' });

export async function ticketWorld() {
  const ticket = ordinary();
  /** Whom the tickets of other cases are about, by `sys_id`. */
  const subjects = new Map<string, string>();
  const server = createServer((request, response) => {
    request.resume();
    const { pathname } = new URL(request.url ?? '', 'http://localhost');
    const { status, body } = answerOf(pathname);
    response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '60' });
    response.end(JSON.stringify(body));
  });

  function answerOf(pathname: string): { status: number; body: unknown } {
    if (pathname === '/oauth_token.do')
      return { status: 200, body: { access_token: 'token', expires_in: 1_800 } };
    if (pathname.endsWith('/sys_journal_field')) return { status: 200, body: { result: [] } };
    const error = { error: { message: 'No', detail: 'no' }, status: 'failure' };
    return ticket.status === 200
      ? { status: 200, body: { result: rowOf(ticket, pathname.split('/').at(-1) ?? '') } }
      : { status: ticket.status, body: error };
  }

  function rowOf({ active, subject, caller, opener }: ReturnType<typeof ordinary>, sysId: string) {
    return {
      sys_id: subjects.has(sysId) ? sysId : opened().ticketSysId,
      number: opened().ticketNumber,
      state: '2',
      active,
      category: 'security',
      contact_type: 'monitoring',
      sys_mod_count: '1',
      short_description: 'Risky user',
      description: 'Please look at this account.',
      [subjectField]: subjects.get(sysId) ?? subject,
      caller_id: caller,
      'caller_id.u_entra_object_id': caller,
      opened_by: opener,
      'opened_by.u_entra_object_id': opener,
    };
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const instanceUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createServiceNowClient({ instanceUrl, clientId: 'executor', clientSecret: 'not secret' });
  return {
    ticket,
    subjects,
    tickets: new TicketReader(client),
    resetTicket: () => Object.assign(ticket, ordinary()),
    stopTickets: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
