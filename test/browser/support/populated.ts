import { startAnthropicSimulator } from '@parley/simulators/models';
import { ADMIN_PASSWORD, type ConsoleUser, signIn } from '../../admin/helpers/console.ts';
import { answered, type PlatformName } from '../../flow/helpers/chats.ts';
import { createCleanup } from '../../flow/helpers/cleanup.ts';
import { createWorld, startHub, until, type World } from '../../support/index.ts';
import { documentOf, USER_LIMIT } from './acme.ts';

export interface PopulatedHub {
  url: string;
  admin: ConsoleUser;
  /** A conversation, one of its turns, and a version of the configuration, for addresses. */
  conversation: string;
  turn: string;
  stop(): Promise<void>;
}

/** A real hub in the middle of its work: two tenants, three bots, people who asked, and things that went wrong. */
export async function startPopulatedHub(): Promise<PopulatedHub> {
  const cleanup = createCleanup();
  try {
    const world = cleanup.add(await createWorld({ model: { reply: replyOf } }));
    const claude = cleanup.add(await startAnthropicSimulator({ reply: replyOf }));
    const hub = cleanup.add(
      await startHub({ env: { PARLEY_ADMIN_PASSWORD: ADMIN_PASSWORD, PARLEY_ALLOW_PRIVATE_URLS: 'on' } }),
    );
    world.connect(hub.url);
    const admin = await signIn(hub.url);
    await configure(admin, documentOf(world, claude.url));
    await addPeople(admin);
    await chat(world);
    await goWrong(world, admin);
    const { id, conversation } = await until('the turns', async () => {
      const { items } = (await admin.get('/turns?tenant=acme&model=gpt-4o')).body;
      return items.length > 5 ? items.at(-1) : undefined;
    });
    return { url: hub.url, admin, turn: id, conversation, stop: cleanup.run };
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

/** Brings a configuration into force as the console does; in two steps, so that there are versions to compare. */
async function configure(admin: ConsoleUser, document: ReturnType<typeof documentOf>): Promise<void> {
  const steps = [
    [{ ...document, rules: [], guard: [] }, 'Acme and Globex'],
    [document, 'Rules, and what must not reach a model'],
  ] as const;
  for (const [step, comment] of steps) {
    const draft = await admin.send('POST', '/config/versions', { document: step, comment });
    if (draft.status !== 201) throw new Error(draft.text);
    const etag = (await admin.get('/config')).headers.get('etag') ?? '';
    const path = `/config/versions/${draft.body.version}/activate`;
    const activated = await admin.send('POST', path, undefined, { 'if-match': etag });
    if (activated.status !== 200) throw new Error(activated.text);
  }
}

async function addPeople(admin: ConsoleUser): Promise<void> {
  const made = await Promise.all([
    admin.send('POST', '/users', { username: 'olga', name: 'Olga 王', roles: [{ tenant: 'acme', role: 'operator' }] }),
    admin.send('POST', '/users', { username: 'viktor', roles: [{ tenant: 'globex', role: 'viewer' }] }),
    admin.send('POST', '/policies', {
      tenant: 'acme',
      name: 'Nobody drops dead letters',
      effect: 'deny',
      actions: ['dead_letter:write'],
      resources: ['*'],
      principals: ['role:operator@acme'],
    }),
    admin.send('POST', '/api-keys', { tenant: 'acme', name: 'Intranet', scopes: ['chat'], limits: { minute: 20 } }),
    admin.send('POST', '/me/tokens', { name: 'nightly export', actions: ['usage:read'] }),
  ]);
  for (const { status, text } of made) if (status !== 201) throw new Error(text);
}

/** What people asked, on every platform, alone and in groups. */
async function chat(world: World): Promise<void> {
  const asked: [PlatformName, string, string, 'direct' | 'group'][] = [
    ['slack', 'C-general', 'What is our refund policy?', 'group'],
    ['slack', 'C-general', 'And for digital goods?', 'group'],
    ['slack', 'D-mei', 'Summarise yesterday’s incident', 'direct'],
    ['feishu', 'oc_sales', '帮我把这段话翻译成英文：明天下午三点开会', 'group'],
    ['feishu', 'oc_mei', '我还有几天年假？', 'direct'],
    ['telegram', '4711', 'Write a SQL query for monthly revenue', 'direct'],
    ['telegram', '4711', 'My mail is mei@example.com, send it there', 'direct'],
    ['telegram', '4711', 'hi', 'direct'],
  ];
  for (const [platform, room, text, kind] of asked) {
    await world[platform].say({ chat: room, kind, text, from: 'mei', mentionBot: kind === 'group' });
    await answered(world[platform], room, text === 'hi' ? 'Ask me anything' : opening(text));
  }
}

/** A model that is overloaded (the next one answers), an answer the platform refuses, and somebody over the limit, which is then raised. */
async function goWrong({ openai, slack, telegram }: World, admin: ConsoleUser): Promise<void> {
  const recover = openai.misbehave({ action: { kind: 'overloaded' } });
  await slack.say({ chat: 'D-mei', text: 'Draft a reply to the supplier', from: 'mei' });
  await answered(slack, 'D-mei', opening('Draft a reply to the supplier'));
  const answeredThere = '/turns?platform=slack&status=success';
  await until('the end of delivery', async () => (await admin.get(answeredThere)).body.items.length === 4);
  recover();
  const open = slack.misbehave({ method: 'chat.postMessage', action: { kind: 'error', error: 'is_archived' } });
  await slack.say({ chat: 'C-archive', kind: 'group', text: 'Where is the contract?', from: 'lee', mentionBot: true });
  await until('the dead letter', async () => (await admin.get('/dead-letters')).body.items.length > 0);
  open();
  for (let asked = 0; asked <= USER_LIMIT; asked++) {
    await telegram.say({ chat: '4712', text: `And what about number ${asked + 1}?`, from: 'pat' });
  }
  await until('the limit', async () => (await admin.get('/turns?status=denied')).body.items.length > 0);
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
  const raised = await admin.send('POST', '/tenants/acme/raise', { until: tomorrow, factor: 2 });
  if (raised.status !== 201) throw new Error(raised.text);
}

const ANSWERS: Record<string, string> = {
  'What is our refund policy?':
    'You can return goods within **30 days**:\n\n1. Ask for a return label.\n2. Send the parcel.\n3. The money is back in five days.',
  'And for digital goods?': 'Digital goods can be refunded until they are downloaded.',
  'Write a SQL query for monthly revenue':
    "```sql\nSELECT date_trunc('month', paid_at) AS month, sum(amount)\nFROM payments GROUP BY 1 ORDER BY 1;\n```",
  '我还有几天年假？': '你还有 **8 天**年假，其中 3 天将在年底到期。',
};
const textOf = (question: string) => ANSWERS[question] ?? `Here is what I found about “${question}”.`;
/** What an answer begins with, however the platform shows the rest. */
const opening = (question: string) => /^[\p{L} ]{2,}/u.exec(textOf(question))?.[0].trim() ?? '';
const replyOf = ({ messages }: { messages: { content: string }[] }) => textOf(messages.at(-1)?.content ?? '');
