import { tenantName } from '../contestants/hub-config.ts';
import { cpuOf, HUB, hub } from '../contestants/index.ts';
import type { Results } from '../measure/results.ts';
import type { Stage } from '../stage.ts';
import { load } from './messages.ts';
import { settled } from './settled.ts';

export interface HistoryCase {
  /** Turns that were before. */
  earlier: number;
  /** How many of them the tenant's sessions keep, and so the model is sent; 200 is the most that can be configured. */
  kept: number;
}

export const HISTORIES: HistoryCase[] = [
  { earlier: 10, kept: 10 },
  { earlier: 100, kept: 100 },
  { earlier: 200, kept: 200 },
  { earlier: 1000, kept: 10 },
  { earlier: 1000, kept: 200 },
];

export function historyName({ earlier, kept }: HistoryCase): string {
  const turns = `${earlier.toLocaleString('en')} earlier turns`;
  return earlier === kept ? turns : `${turns}, ${kept} sent`;
}

export interface HistoryOptions {
  cases: HistoryCase[];
  rounds: number;
  /** Conversations of each case, every one of which is asked once a round. */
  conversations: number;
  /** Until the code that no history needs is compiled. */
  warmQuestions: number;
}

const OUTSTANDING = 64;
const BOTS_OF_A_TENANT = 60;

/**
 * What a message costs by what its conversation remembers. Sessions keep up to 200 turns, so of a thousand the model is sent
 * 200 at most; what such a conversation costs beside one that has just those is the rest. All tenants are in one hub, which
 * is asked in turn, round by round.
 */
export async function playHistory(stage: Stage, options: HistoryOptions, results: Results): Promise<void> {
  const kept = [...new Set(options.cases.map((each) => each.kept))];
  await stage.reset();
  const bots = BOTS_OF_A_TENANT * kept.length;
  const running = await hub({ platforms: ['slack'], turns: kept, tenants: kept.length, bots }).start(stage);
  const ask = (tenant: number, questions: number, chats = options.conversations) =>
    load(stage, running.port, {
      platform: 'slack',
      path: running.path,
      pace: { outstanding: OUTSTANDING },
      doneWhen: 'answered',
      bots: BOTS_OF_A_TENANT,
      firstBot: tenant * BOTS_OF_A_TENANT,
      questions,
      chats,
      seconds: 30,
      graceSeconds: 10,
    });
  try {
    await ask(0, options.warmQuestions, options.warmQuestions);
    for (const [tenant, turns] of kept.entries()) {
      await ask(tenant, options.conversations);
      await fill(stage, tenant, turns);
      await ask(tenant, options.conversations);
    }
    for (let round = 0; round < options.rounds; round++) {
      results.begin(round);
      for (const each of options.cases) {
        const tenant = kept.indexOf(each.kept);
        await fill(stage, tenant, each.earlier);
        // What is more than a session keeps is gone after every message, so that nobody finds it there.
        if (each.earlier > each.kept) await ask(tenant, options.conversations);
        await settled(running);
        const before = cpuOf(running);
        const { answered } = await ask(tenant, options.conversations);
        await settled(running);
        results.add(historyName(each), HUB, { cpu_us: ((cpuOf(running) - before) * 1000) / answered });
      }
    }
  } finally {
    await running.stop();
  }
}

const BATCH = 100;

/** Gives every conversation of a tenant the history it would have after so many turns. */
async function fill({ redis }: Stage, tenant: number, turns: number): Promise<void> {
  const said = Array.from({ length: turns }, (_, turn) => [
    JSON.stringify({ role: 'user', content: `What is the state of part ${turn} of the building today?` }),
    JSON.stringify({ role: 'assistant', content: `Part ${turn} is in good order and was checked this morning.` }),
  ]).flat();
  for await (const found of redis.scanStream({ match: `parley:*:history:${tenantName(tenant)}.*`, count: 1000 })) {
    const keys = found as string[];
    for (let at = 0; at < keys.length; at += BATCH) {
      const pipeline = redis.pipeline();
      for (const key of keys.slice(at, at + BATCH)) pipeline.del(key).rpush(key, ...said);
      await pipeline.exec();
    }
  }
}
