import { randomBytes } from 'node:crypto';
import { cpuOf, HUB, hub } from '../contestants/index.ts';
import type { Results } from '../measure/results.ts';
import type { Stage } from '../stage.ts';
import { load } from './messages.ts';
import { settled } from './settled.ts';

export interface GrowthOptions {
  sizes: GrowthSize[];
  warmQuestions: number;
  questions: number;
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

/** What a message costs by what is configured, and by how many conversations there are. */
export async function playGrowth(stage: Stage, options: GrowthOptions, results: Results): Promise<void> {
  for (const size of options.sizes) {
    await stage.reset();
    await fill(stage, size.others);
    const { others, ...sizes } = size;
    const running = await hub({ platforms: ['slack'], ...sizes }).start(stage);
    const ask = (questions: number) =>
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
      });
    try {
      await ask(options.warmQuestions);
      await settled(running);
      const before = { own: cpuOf(running), redis: stage.redisCpuMs() };
      const { answered } = await ask(options.questions);
      await settled(running);
      results.add(growthName(size), HUB, {
        cpu_us: ((cpuOf(running) - before.own) * 1000) / answered,
        redis_cpu_us: ((stage.redisCpuMs() - before.redis) * 1000) / answered,
      });
    } finally {
      await running.stop();
    }
  }
}

const BATCH = 2000;
const SHARDS = 16;

/** Histories as the hub keeps them, under names that nobody asks for. */
async function fill({ redis }: Stage, conversations: number): Promise<void> {
  const said = [
    JSON.stringify({ role: 'user', content: 'What is the state of part 7 of the building today?' }),
    JSON.stringify({ role: 'assistant', content: 'Part 7 is in good order and was checked this morning.' }),
  ];
  for (let done = 0; done < conversations; done += BATCH) {
    const pipeline = redis.pipeline();
    for (let i = 0; i < BATCH; i++) {
      const name = randomBytes(16).toString('base64url');
      const key = `parley:{p${i % SHARDS}}:history:acme.slack-${i % 100}.${name}`;
      pipeline.rpush(key, ...said).expire(key, 1800);
    }
    await pipeline.exec();
  }
}
