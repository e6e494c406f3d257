import { setTimeout as sleep } from 'node:timers/promises';
import { HUB, hub, type Running } from '../contestants/index.ts';
import { rssBytes } from '../measure/process-stats.ts';
import type { Results } from '../measure/results.ts';
import { quantile } from '../measure/statistics.ts';
import type { Stage } from '../stage.ts';
import { load } from './messages.ts';

const TENTHS = 10;
const OUTSTANDING = 64;
/** Looks at the memory, the last ones of which count: garbage makes it go up and down. */
const LOOK_MS = 500;
const LOOKS = 40;
const LIMIT_SECONDS = 3 * 3600;

/** Memory of the hub after a tenth of so many messages, and after all of them. */
export async function playSoak(
  stage: Stage,
  messages: number,
  results: Results,
  tell: (line: string) => void = () => undefined,
): Promise<void> {
  await stage.reset();
  const running = await hub({ platforms: ['slack'] }).start(stage);
  const startedAt = performance.now();
  try {
    let unanswered = 0;
    for (let tenth = 1; tenth <= TENTHS; tenth++) {
      const memory = watchMemory(running);
      const done = await load(stage, running.port, {
        platform: 'slack',
        path: running.path,
        pace: { outstanding: OUTSTANDING },
        doneWhen: 'answered',
        questions: Math.round(messages / TENTHS),
        seconds: LIMIT_SECONDS,
        graceSeconds: 30,
      });
      const rssMb = await memory.stop();
      unanswered += done.sent - done.answered;
      const seconds = (performance.now() - startedAt) / 1000;
      tell(`soak: ${(messages * tenth) / TENTHS} messages, ${Math.round(rssMb)} MB, ${Math.round(seconds)} s`);
      results.add('soak', HUB, {
        ...(tenth === 1 && { messages, early_rss_mb: rssMb }),
        [`rss_mb_${tenth}`]: rssMb,
        ...(tenth === TENTHS && { late_rss_mb: rssMb, unanswered, per_second: messages / seconds }),
      });
    }
  } finally {
    await running.stop();
  }
}

/** Resident memory in MB, the median of the last looks. */
function watchMemory({ pids }: Running): { stop(): Promise<number> } {
  const looks: number[] = [];
  const look = () => {
    looks.push(pids.reduce((sum, pid) => sum + rssBytes(pid), 0) / 2 ** 20);
    if (looks.length > LOOKS) looks.shift();
  };
  const timer = setInterval(look, LOOK_MS);
  return {
    async stop() {
      clearInterval(timer);
      // What has been answered is written to the database a little later.
      await sleep(LOOK_MS);
      look();
      return quantile(looks, 0.5);
    },
  };
}
