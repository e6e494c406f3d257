import { cpuOf, HUB, hub, type Running } from '../contestants/index.ts';
import { rssBytes } from '../measure/process-stats.ts';
import type { Results } from '../measure/results.ts';
import { differences, quantile } from '../measure/statistics.ts';
import type { Stage } from '../stage.ts';
import type { Shown } from '../world/main.ts';
import { latencies, load } from './messages.ts';

export interface StreamsOptions {
  conversations: number;
  /** So few that nothing is short: what they are shown is what the pace allows. */
  few: number;
}

const TOKENS = 200;
const GAP_MS = 20;
/** Questions a second while the crowd builds up; all of them stream at once then. */
const RAMP_PER_SECOND = 1000;

/** Many answers of 200 tokens at 50 tokens a second at the same time, all shown while they are written; and before, a few. */
export async function playStreams(stage: Stage, options: StreamsOptions, results: Results): Promise<void> {
  await stage.reset();
  const env = { PARLEY_WORKER_CONCURRENCY: String(options.conversations) };
  const running = await hub({ platforms: ['slack'], shape: { tokens: TOKENS, gapMs: GAP_MS }, env }).start(stage);
  try {
    // Until the code is compiled.
    await stream(stage, running, options.few);
    const few = await stream(stage, running, options.few);
    await eventLoopP99(running.port);
    const many = await stream(stage, running, options.conversations);
    results.add('1,000 streams', HUB, {
      ...many,
      allowed_previews_each: few.previews_each,
      few_last_send_p50: few.last_send_p50,
      loop_p99: await eventLoopP99(running.port),
      rss_mb: quantile(running.pids.map(rssBytes), 1) / 2 ** 20,
    });
  } finally {
    await running.stop();
  }
}

async function stream(stage: Stage, running: Running, conversations: number): Promise<Record<string, number>> {
  const cpuBefore = cpuOf(running);
  // "Answered" is the first sight of an answer here, so the end of the last one is waited for by its last sight.
  const { ids, sentAt, answeredAt, answered } = await load(stage, running.port, {
    platform: 'slack',
    path: running.path,
    doneWhen: 'answered',
    chats: conversations,
    pace: { rate: RAMP_PER_SECOND },
    questions: conversations,
    seconds: 30,
    graceSeconds: 20,
  });
  const { calls, lastAt } = await settled(stage);
  const { times } = await stage.model.ask<{ times: [number, number][] }>({ kind: 'times', ids });
  const last = new Map(lastAt);
  const ends = ids.map((id) => last.get(id) ?? Number.NaN);
  const finished = times.map(([, at]) => at);
  const asked = times.map(([at]) => at);
  return {
    answered,
    unanswered: conversations - answered,
    ...latencies('first_sight', differences(answeredAt, sentAt)),
    ...latencies('last_send', differences(ends, finished)),
    /** How long the model took for an answer, as the hub read it. */
    model_ms: quantile(differences(finished, asked), 0.5),
    // All that is shown of an answer but its last, whole text.
    previews_each: (calls.send + calls.append + calls.edit + calls.stop) / answered - 1,
    cpu_us: ((cpuOf(running) - cpuBefore) * 1000) / answered,
  };
}

/** All that was shown, once nothing more is. */
async function settled(stage: Stage): Promise<Shown> {
  const calls = { send: 0, edit: 0, append: 0, stop: 0 };
  const lastAt = new Map<number, number>();
  for (let quiet = 0; quiet < 2; ) {
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
