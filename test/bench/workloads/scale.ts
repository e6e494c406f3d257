import { cpuOf, HUB, splitHub } from '../contestants/index.ts';
import type { Results } from '../measure/results.ts';
import type { Stage } from '../stage.ts';
import { load } from './messages.ts';

export interface ScaleOptions {
  workers: number[];
  seconds: number;
}

/** As long as a real model takes: the workers wait, and what counts is how many conversations they hold meanwhile. */
const MODEL_MS = 1000;
const PER_WORKER = 64;

/** Conversations answered by one, two and four workers whose model takes a second. */
export async function playScale(stage: Stage, { workers, seconds }: ScaleOptions, results: Results): Promise<void> {
  for (const count of workers) {
    await stage.reset();
    const running = await splitHub({ platforms: ['slack'], shape: { firstMs: MODEL_MS } }, count).start(stage);
    const spec = {
      platform: 'slack' as const,
      path: running.path,
      pace: { outstanding: PER_WORKER * count },
      doneWhen: 'answered' as const,
      graceSeconds: 10,
    };
    try {
      await load(stage, running.port, { ...spec, seconds: 2.5 });
      const before = cpuOf(running);
      const done = await load(stage, running.port, { ...spec, seconds });
      results.add(`scale, ${count} workers`, HUB, {
        per_second: (done.doneInTime / done.elapsedMs) * 1000,
        cpu_us: ((cpuOf(running) - before) * 1000) / done.answered,
      });
    } finally {
      await running.stop();
    }
  }
}
