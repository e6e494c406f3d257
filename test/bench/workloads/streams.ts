import { cpuOf, HUB, hub } from '../contestants/index.ts';
import { rssBytes } from '../measure/process-stats.ts';
import type { Results } from '../measure/results.ts';
import { differences, quantile } from '../measure/statistics.ts';
import type { Stage } from '../stage.ts';
import type { Shown } from '../world/main.ts';
import { latencies, load } from './messages.ts';

export interface StreamsOptions {
  conversations: number;
}

const TOKENS = 200;
const GAP_MS = 20;
/** Questions a second while the crowd builds up; all of them stream at once then. */
const RAMP_PER_SECOND = 1000;

/** Many answers of 200 tokens at 50 tokens a second at the same time, all shown while they are written. */
export async function playStreams(stage: Stage, { conversations }: StreamsOptions, results: Results): Promise<void> {
  await stage.reset();
  const env = { PARLEY_WORKER_CONCURRENCY: String(conversations) };
  const running = await hub({ platforms: ['slack'], shape: { tokens: TOKENS, gapMs: GAP_MS }, env }).start(stage);
  try {
    const spec = {
      platform: 'slack' as const,
      path: running.path,
      doneWhen: 'answered' as const,
      chats: conversations,
      pace: { rate: RAMP_PER_SECOND },
      questions: conversations,
      seconds: 60,
    };
    const cpuBefore = cpuOf(running);
    // "Answered" is the first sight of an answer here, so the end of the last one is waited for by its last sight.
    const { ids, sentAt, answeredAt, answered } = await load(stage, running.port, { ...spec, graceSeconds: 20 });
    const { calls, lastAt } = await settled(stage);
    const { times } = await stage.model.ask<{ times: [number, number][] }>({ kind: 'times', ids });
    const last = new Map(lastAt);
    const ends = ids.map((id) => last.get(id) ?? Number.NaN);
    results.add('1,000 streams', HUB, {
      answered,
      ...latencies('first_sight', differences(answeredAt, sentAt)),
      ...latencies(
        'last_send',
        differences(
          ends,
          times.map(([, finished]) => finished),
        ),
      ),
      previews_each: (calls.append + calls.edit) / answered,
      loop_p99: await eventLoopP99(running.port),
      cpu_us: ((cpuOf(running) - cpuBefore) * 1000) / answered,
      rss_mb: quantile(running.pids.map(rssBytes), 1) / 2 ** 20,
    });
  } finally {
    await running.stop();
  }
}

/** All that was shown, once nothing more is. */
async function settled(stage: Stage): Promise<Shown> {
  const calls = { send: 0, edit: 0, append: 0, stop: 0 };
  const lastAt = new Map<number, number>();
  for (let quiet = 0; quiet < 3; ) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const { result } = await stage.world.ask<{ result: Shown }>({ kind: 'shown' });
    for (const [name, count] of Object.entries(result.calls)) calls[name as keyof typeof calls] += count;
    for (const [id, at] of result.lastAt) lastAt.set(id, Math.max(at, lastAt.get(id) ?? 0));
    quiet = result.lastAt.length === 0 ? quiet + 1 : 0;
  }
  return { calls, lastAt: [...lastAt] };
}

/** In milliseconds, as the hub's own metrics tell it since they were last asked. */
async function eventLoopP99(port: number): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(/^nodejs_eventloop_lag_p99_seconds (\S+)/m.exec(metrics)?.[1]) * 1000;
}
