import { parseArgs } from 'node:util';
import { createDeadLetters, createWakeQueue, type DeadLetter, type DeadLetters } from '@parley/core/bus';
import { ParleyError } from '@parley/core/errors';
import { misused, type RunCommand } from './index.ts';
import { withRedis } from './open.ts';

export const deadLetters: RunCommand = async ({ args, env }) => {
  const asked = readArguments(args);
  if (!asked) return misused('dead-letters', env);
  return withRedis(env, async (redis, { maxMailbox }) => {
    const queue = createWakeQueue(redis);
    try {
      const letters = createDeadLetters({ redis, queue, maxMailbox });
      return await ACTIONS[asked.action](letters, await tenantOf(letters, asked), asked);
    } finally {
      await queue.close().catch(() => undefined);
    }
  });
};

interface Asked {
  action: Action;
  turn: string;
  tenant?: string | undefined;
  limit?: number | undefined;
  before?: string | undefined;
  json: boolean;
}

type Action = 'list' | 'show' | 'replay' | 'drop';

function readArguments(args: string[]): Asked | undefined {
  const options = {
    tenant: { type: 'string' },
    limit: { type: 'string' },
    before: { type: 'string' },
    json: { type: 'boolean', default: false },
  } as const;
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const [action = '', turn = '', ...rest] = positionals;
    const limit = values.limit === undefined ? undefined : Number(values.limit);
    const isComplete = isAction(action) && (action === 'list') === (turn === '') && rest.length === 0;
    const isSane = limit === undefined || (Number.isInteger(limit) && limit > 0);
    return isComplete && isSane ? { action, turn, ...values, limit } : undefined;
  } catch {
    return undefined; // an option that does not exist, or one without its value
  }
}

const isAction = (word: string): word is Action => Object.hasOwn(ACTIONS, word);

/** The tenant that is meant: the one named, or the only one that has dead letters. */
async function tenantOf(letters: DeadLetters, { tenant }: Asked): Promise<string> {
  if (tenant !== undefined) return tenant;
  const kept = [...(await letters.counts())].flatMap(([id, counts]) => (counts.kept > 0 ? [id] : []));
  if (kept.length > 1)
    throw new ParleyError('invalid_request', `Several tenants have dead letters: --tenant ${kept.sort().join(' | ')}`);
  return kept[0] ?? '';
}

type Run = (letters: DeadLetters, tenant: string, asked: Asked) => Promise<number>;

const ACTIONS: Readonly<Record<Action, Run>> = {
  async list(letters, tenant, { limit, before, json }) {
    const page = await letters.list(tenant, { limit, before });
    if (json) return say(JSON.stringify({ letters: page.letters.map(forPeople), next: page.next ?? null }));
    const lines = page.letters.map(describe);
    if (page.next) lines.push(`more: --before ${page.next}`);
    return say(lines.length > 0 ? lines.join('\n') : 'no dead letters');
  },
  async show(letters, tenant, { turn, json }) {
    const letter = await letters.get(tenant, turn);
    if (!letter) return missing(turn);
    return say(JSON.stringify(forPeople(letter), null, json ? 0 : 2));
  },
  async replay(letters, tenant, { turn, json }) {
    const result = await letters.replay(tenant, turn);
    if (result.status === 'gone') return missing(turn);
    if (result.status === 'full')
      throw new ParleyError('unavailable', 'Too many messages wait in that conversation: try again later');
    return say(json ? JSON.stringify(result) : `replayed as ${result.turn}`);
  },
  async drop(letters, tenant, { turn, json }) {
    if (!(await letters.drop(tenant, turn))) return missing(turn);
    return say(json ? JSON.stringify({ status: 'dropped', turn }) : `dropped ${turn}`);
  },
};

function say(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}

function missing(turn: string): number {
  process.stderr.write(`There is no dead letter ${turn}\n`);
  return 1;
}

const describe = ({ turn, envelope, errorCode, failedAt, answer }: DeadLetter) =>
  [
    turn,
    new Date(failedAt).toISOString(),
    envelope.channel,
    errorCode,
    answer === undefined ? 'unanswered' : 'undelivered',
  ].join('  ');

/** A letter without what only the machine needs: an adapter's state may hold an address at which anyone can post. */
function forPeople({ turn, envelope, also, answer, receipts, errorCode, attempts, failedAt }: DeadLetter) {
  const { tenant, channel, platform, conversation, message, receivedAt, replay } = envelope;
  const questions = [message, ...also.map((other) => other.message)].map(({ id, sender, text }) => ({
    message: id,
    sender: sender.id,
    text,
  }));
  return {
    turn,
    tenant,
    channel,
    platform,
    conversation: conversation.id,
    chat: message.chat.id,
    received_at: new Date(receivedAt).toISOString(),
    failed_at: new Date(failedAt).toISOString(),
    error_code: errorCode,
    attempts,
    replay_of: replay?.of ?? null,
    questions,
    answer: answer === undefined ? null : (JSON.parse(answer) as unknown),
    parts_delivered: receipts === undefined ? 0 : (JSON.parse(receipts) as unknown[]).length,
  };
}
