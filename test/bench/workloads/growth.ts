import { randomBytes } from 'node:crypto';
import { cpuOf, HUB, hub, type Running } from '../contestants/index.ts';
import type { Results } from '../measure/results.ts';
import { type OwnRedis, type Stage, startOwnRedis } from '../stage.ts';
import { load } from './messages.ts';
import { settled } from './settled.ts';

export interface GrowthOptions {
  sizes: GrowthSize[];
  warmQuestions: number;
  /** Of each size in each round. */
  questions: number;
  rounds: number;
}

export interface GrowthSize {
  tenants: number;
  bots: number;
  rules: number;
  /** Conversations with a history that nobody goes on with meanwhile. */
  others: number;
}

/**
 * What everything else is compared with. One bot on Slack sends ten answers a second, so it takes a hundred of them to see
 * what a message costs and not what waiting does.
 */
export const SMALLEST: GrowthSize = { tenants: 1, bots: 100, rules: 1, others: 0 };
export const SIZES_OF_GROWTH: GrowthSize[] = [
  SMALLEST,
  { ...SMALLEST, tenants: 100, rules: 100 },
  { ...SMALLEST, tenants: 1000, bots: 1000 },
  { ...SMALLEST, rules: 1000, others: 100_000 },
];

export function growthName({ tenants, bots, rules, others }: GrowthSize): string {
  const number = (count: number, what: string) => `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`;
  const parts = [number(tenants, 'tenant'), number(bots, 'channel'), number(rules, 'rule')];
  return [...parts, ...(others > 0 ? [number(others, 'other conversation')] : [])].join(', ');
}

const OUTSTANDING = 64;
/** Enough that no chat is asked more often than its platform lets it be answered. */
const CHATS = 3000;

/** One size of the hub, running on a Redis of its own. */
interface Grown {
  name: string;
  running: Running;
  redis: OwnRedis;
  ask(questions: number): Promise<{ answered: number }>;
  stop(): Promise<void>;
}

/**
 * What a message costs by what is configured, and by how many conversations there are. All sizes run side by side and are
 * asked in turn, round by round: measured one after the other it would be the weather of the machine that is compared.
 */
export async function playGrowth(stage: Stage, options: GrowthOptions, results: Results): Promise<void> {
  const all: Grown[] = [];
  try {
    for (const size of options.sizes) all.push(await grow(stage, size));
    for (const one of all) await one.ask(options.warmQuestions);
    for (let round = 0; round < options.rounds; round++) {
      results.begin(round);
      for (const one of all) await measure(one, options.questions, results);
    }
  } finally {
    await Promise.all(all.map((one) => one.stop()));
  }
}

async function grow(stage: Stage, size: GrowthSize): Promise<Grown> {
  const redis = await startOwnRedis();
  try {
    const { others, ...sizes } = size;
    await fill(redis, others);
    const running = await hub({ platforms: ['slack'], ...sizes, redisSocket: redis.socket }).start(stage);
    return {
      name: growthName(size),
      running,
      redis,
      ask: (questions) =>
        load(stage, running.port, {
          platform: 'slack',
          path: running.path,
          pace: { outstanding: OUTSTANDING },
          doneWhen: 'answered',
          bots: size.bots,
          chats: CHATS,
          questions,
          seconds: 20,
          graceSeconds: 10,
        }),
      async stop() {
        await running.stop();
        await redis.stop();
      },
    };
  } catch (error) {
    await redis.stop();
    throw error;
  }
}

async function measure({ name, running, redis, ask }: Grown, questions: number, results: Results): Promise<void> {
  await settled(running);
  const before = { own: cpuOf(running), redis: redis.cpuMs() };
  const { answered } = await ask(questions);
  await settled(running);
  results.add(name, HUB, {
    cpu_us: ((cpuOf(running) - before.own) * 1000) / answered,
    redis_cpu_us: ((redis.cpuMs() - before.redis) * 1000) / answered,
  });
}

const BATCH = 2000;
const SHARDS = 16;

/** Histories as the hub keeps them, under names that nobody asks for. */
async function fill({ client }: OwnRedis, conversations: number): Promise<void> {
  const said = [
    JSON.stringify({ role: 'user', content: 'What is the state of part 7 of the building today?' }),
    JSON.stringify({ role: 'assistant', content: 'Part 7 is in good order and was checked this morning.' }),
  ];
  for (let done = 0; done < conversations; done += BATCH) {
    const pipeline = client.pipeline();
    for (let i = 0; i < BATCH; i++) {
      const name = randomBytes(16).toString('base64url');
      const key = `parley:{p${i % SHARDS}}:history:acme.slack-${i % 100}.${name}`;
      pipeline.rpush(key, ...said).expire(key, 1800);
    }
    await pipeline.exec();
  }
}
