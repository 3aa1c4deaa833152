import { teamsUserId, type TenantUser } from '@sallyport/scenario';
import { jwtVerify } from 'jose';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ConversationLimits } from './conversation-limits';
import { type Conversations, type Message } from './conversations';
import { type View } from './state';
import { type Answer, type Call, matchRoute, type Outcome, Refusal, type Surface } from './surface';
import { type World } from './world';

export const botAudience = 'https://api.botframework.com';
/** "About 100 KB including all", counted in UTF-16. https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages */
const maxMessageBytes = 100 * 1_024;
const routes = [
  { method: 'POST', path: '/teams/v3/conversations', kind: 'create' },
  { method: 'POST', path: '/teams/v3/conversations/{conversation}/activities', kind: 'send' },
  { method: 'POST', path: '/teams/v3/conversations/{conversation}/activities/{activity}', kind: 'send' },
  { method: 'PUT', path: '/teams/v3/conversations/{conversation}/activities/{activity}', kind: 'update' },
  { method: 'GET', path: '/teams/v3/conversations/{conversation}/members', kind: 'members' },
  { method: 'GET', path: '/teams/v3/conversations/{conversation}/members/{member}', kind: 'member' },
] as const;

const activitySchema = z.looseObject({ type: z.string() });
const createSchema = z.looseObject({
  isGroup: z.boolean().optional(),
  members: z
    .array(z.looseObject({ id: z.string() }))
    .length(1)
    .optional(),
  tenantId: z.string().optional(),
  channelData: z.looseObject({
    channel: z.looseObject({ id: z.string() }).optional(),
    tenant: z.looseObject({ id: z.string() }).optional(),
  }),
  activity: activitySchema.optional(),
});

/** The Bot Connector as Teams offers it: conversations, cards and their updates, members. */
export function botConnector(world: World): Surface<null> {
  const { SIMULATOR_LIMITS, SIMULATOR_LIMITS_SPEED } = world.config;
  const limits =
    SIMULATOR_LIMITS === 'real' ? new ConversationLimits(() => Date.now(), SIMULATOR_LIMITS_SPEED) : null;
  return {
    name: 'teams',
    authenticate: (call) => authenticate(call, world),
    answer: (call) => {
      if (call.text.length * 2 > maxMessageBytes) {
        return { answer: failure(413, 'MessageSizeTooBig', 'Message size too large.') };
      }
      const match = matchRoute(routes, call.method, call.segments);
      if (match === null) return { answer: failure(404, 'NotFound', 'No such operation.') };
      if ('allowed' in match) return { answer: failure(405, 'MethodNotAllowed', 'Method not allowed.') };
      const { conversation = '', activity = '', member = '' } = match.params;
      const writesTo = match.route.kind === 'create' ? startedIn(call.body) : conversation;
      if (call.method !== 'GET' && limits?.take(writesTo) === false) {
        // Teams often leaves Retry-After out.
        return { answer: failure(429, 'Throttled', 'Too many requests.') };
      }
      switch (match.route.kind) {
        case 'create':
          return create(call, world);
        case 'send':
          return send(call, world, conversation);
        case 'update':
          return update(call, world.conversations, conversation, activity);
        case 'members':
          return { answer: { status: 200, body: members(call.view, world, conversation) } };
        case 'member':
          return { answer: memberAnswer(members(call.view, world, conversation), member) };
      }
    },
    failure: (status) =>
      failure(status, status === 429 ? 'Throttled' : 'ServiceError', 'The service had an error.'),
  };
}

/** Where a new conversation begins: in a channel, or with a person. */
function startedIn(body: unknown): string {
  const given = createSchema.safeParse(body).data;
  return given?.channelData.channel?.id ?? given?.members?.[0]?.id ?? '';
}

async function authenticate(call: Call, { keys }: World): Promise<{ caller: null } | { refused: Answer }> {
  const token = /^Bearer (\S+)$/i.exec(call.header('authorization') ?? '')?.[1] ?? '';
  try {
    await jwtVerify(token, keys.entra.publicKey, { algorithms: ['RS256'], audience: botAudience });
    return { caller: null };
  } catch {
    return { refused: failure(401, 'Unauthorized', 'Authorization has been denied for this request.') };
  }
}

function create(call: Call, world: World): Outcome {
  const given = parse(createSchema, call.body);
  const { conversations } = world;
  const channelId = given.channelData.channel?.id;
  const activityId = conversations.newActivityId(call.now);
  if (channelId !== undefined) {
    if (given.activity === undefined)
      refuse(400, 'BadSyntax', 'A channel conversation starts with an activity.');
    if (!world.state.channels.has(channelId))
      refuse(403, 'BotNotInConversationRoster', 'The bot is not in the channel.');
    const id = `${channelId};messageid=${activityId}`;
    return {
      answer: { status: 201, body: { id, activityId } },
      ...posting(call, world, { id, activityId, channelId, activity: given.activity }),
    };
  }
  const member = given.members?.[0]?.id;
  const user = member === undefined ? undefined : personCalled(member, call.view);
  if (user === undefined || user.deleted)
    refuse(404, 'ConversationNotFound', 'The member was not found in the tenant.');
  const id = conversations.personalConversation(user.id);
  if (given.activity === undefined) return { answer: { status: 201, body: { id } } };
  return {
    answer: { status: 201, body: { id, activityId } },
    ...posting(call, world, { id, activityId, channelId: null, activity: given.activity }),
  };
}

function send(call: Call, world: World, id: string): Outcome {
  const activity = parse(activitySchema, call.body);
  const channelId = /^(19:[^;]+)/.exec(id)?.[1] ?? null;
  const known =
    channelId === null ? world.conversations.personIn(id) !== undefined : world.state.channels.has(channelId);
  if (!known) refuse(404, 'ConversationNotFound', 'Conversation not found.');
  const activityId = world.conversations.newActivityId(call.now);
  return {
    answer: { status: 201, body: { id: activityId } },
    ...posting(call, world, { id, activityId, channelId, activity }),
  };
}

function posting(
  call: Call,
  { conversations }: World,
  posted: { id: string; activityId: string; channelId: string | null; activity: Record<string, unknown> },
): Pick<Outcome, 'writes' | 'effect'> {
  const message: Message = {
    conversationId: posted.id,
    activityId: posted.activityId,
    serviceUrl: `${call.origin}/teams/`,
    channelId: posted.channelId,
    postedAt: call.now.toISOString(),
    updatedAt: null,
    activity: posted.activity,
    earlier: [],
  };
  return {
    writes: [write(call, 'Posted', message, posted.activity)],
    effect: () => conversations.post(message),
  };
}

function update(call: Call, conversations: Conversations, id: string, activityId: string): Outcome {
  const activity = parse(activitySchema, call.body);
  const message = conversations.find(id, activityId);
  if (message === undefined) refuse(404, 'ActivityNotFoundInConversation', 'The activity was not found.');
  return {
    answer: { status: 200, body: { id: activityId } },
    writes: [write(call, 'Updated', message, activity)],
    effect: () => conversations.update(message, activity, call.now),
  };
}

function write(call: Call, verb: 'Posted' | 'Updated', message: Message, activity: Record<string, unknown>) {
  const isCard = Array.isArray(activity['attachments']) && activity['attachments'].length > 0;
  return {
    operation: `${isCard ? 'card' : 'message'}${verb}`,
    target: message.activityId,
    subjects: [message.conversationId, ...mentionedIn(call.text, call.view)],
  };
}

/** Whom a card is about: the incidents and people whose number, id or address stands in it. */
function mentionedIn(text: string, view: View): string[] {
  const incidents = [...view.incidents.values()].filter(
    ({ sys_id, number }) => text.includes(number) || text.includes(sys_id),
  );
  const about = incidents.map((incident) => incident['u_risky_user']);
  const people = [...view.users.values()].filter(
    ({ id, userPrincipalName, sysId }) =>
      text.includes(id) || text.includes(userPrincipalName) || about.includes(sysId),
  );
  return [...incidents.map(({ sys_id }) => sys_id), ...people.map(({ id }) => id)];
}

function members(view: View, { conversations, state, config }: World, conversationId: string) {
  const person = conversations.personIn(conversationId);
  const inChannel = state.channels.has(/^(19:[^;]+)/.exec(conversationId)?.[1] ?? '');
  if (person === undefined && !inChannel) refuse(404, 'ConversationNotFound', 'Conversation not found.');
  return [...view.users.values()]
    .filter((user) => !user.deleted && (inChannel || user.id === person))
    .map((user) => ({
      id: teamsUserId(user.id),
      aadObjectId: user.id,
      name: user.displayName,
      email: user.mail,
      userPrincipalName: user.userPrincipalName,
      tenantId: config.SIMULATOR_TENANT_ID,
      userRole: user.userType === 'Guest' ? 'guest' : 'user',
    }));
}

function memberAnswer(roster: ReturnType<typeof members>, name: string): Answer {
  const found = roster.find(({ id, aadObjectId }) => id === name || aadObjectId === name);
  return found === undefined
    ? failure(404, 'MemberNotFoundInConversation', 'The member was not found in the conversation.')
    : { status: 200, body: found };
}

/** People are addressed by their Teams id or their object id, never by a name or mail address. */
const personCalled = (id: string, view: View): TenantUser | undefined =>
  view.users.get(id) ?? [...view.users.values()].find((user) => teamsUserId(user.id) === id);

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return refuse(400, 'BadSyntax', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'malformed'}`);
}

function refuse(status: number, code: string, message: string): never {
  throw new Refusal(failure(status, code, message));
}

const failure = (status: number, code: string, message: string): Answer => ({
  status,
  headers: { 'x-ms-request-id': randomUUID() },
  body: { error: { code, message } },
});
