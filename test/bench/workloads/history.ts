import { cpuOf, HUB, hub } from '../contestants/index.ts';
import type { Results } from '../measure/results.ts';
import type { Stage } from '../stage.ts';
import { load } from './messages.ts';

export interface HistoryOptions {
  /** How many earlier turns the tenant's sessions keep, and so the model is sent. */
  turns: number[];
  questions: number;
}

const OUTSTANDING = 64;

/**
 * What a message costs by what its conversation remembers. A session keeps a fixed number of turns, so a conversation of
 * a thousand turns costs what one of `turns` does; what is measured is the price of keeping more of them.
 */
export async function playHistory(stage: Stage, { turns, questions }: HistoryOptions, results: Results): Promise<void> {
  for (const kept of turns) {
    await stage.reset();
    const running = await hub({ platforms: ['slack'], turns: kept }).start(stage);
    const spec = {
      platform: 'slack' as const,
      path: running.path,
      pace: { outstanding: OUTSTANDING },
      doneWhen: 'answered' as const,
      questions,
      chats: questions,
      seconds: 60,
      graceSeconds: 10,
    };
    try {
      await load(stage, running.port, spec);
      await fill(stage, kept);
      const before = cpuOf(running);
      const { answered } = await load(stage, running.port, spec);
      results.add(`${kept} earlier turns`, HUB, { cpu_us: ((cpuOf(running) - before) * 1000) / answered });
    } finally {
      await running.stop();
    }
  }
}

/** Gives every conversation the history it would have after so many turns. */
async function fill({ redis }: Stage, turns: number): Promise<void> {
  const said = Array.from({ length: turns }, (_, turn) => [
    JSON.stringify({ role: 'user', content: `What is the state of part ${turn} of the building today?` }),
    JSON.stringify({ role: 'assistant', content: `Part ${turn} is in good order and was checked this morning.` }),
  ]).flat();
  for await (const found of redis.scanStream({ match: 'parley:*:history:*', count: 1000 })) {
    const pipeline = redis.pipeline();
    for (const key of found as string[]) pipeline.del(key).rpush(key, ...said);
    await pipeline.exec();
  }
}
