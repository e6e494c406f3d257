import { type Contestant, cpuOf, type Running } from '../contestants/index.ts';
import type { Results } from '../measure/results.ts';
import { differences, quantile } from '../measure/statistics.ts';
import type { Stage } from '../stage.ts';
import type { LoadResult, LoadSpec } from '../world/load.ts';
import type { PlatformName } from '../world/people.ts';

export interface MessageDurations {
  /** Until compiled code and connections are there; by number, as a slow one needs more time for it. */
  warmQuestions: number;
  openSeconds: number;
  closedSeconds: number;
}

export interface MessageWorkload {
  name: string;
  platform: PlatformName;
  contestants: Contestant[];
  isChatter?: boolean;
  durations: MessageDurations;
}

const RATE = 200;
const OUTSTANDING = 128;
const WARM_OUTSTANDING = 64;
const WARM_LIMIT_SECONDS = 12;

/** One round of one workload: every contestant by itself, from a fresh process on an empty Redis. */
export async function playMessages(stage: Stage, workload: MessageWorkload, results: Results): Promise<void> {
  for (const contestant of workload.contestants) {
    await stage.reset();
    const running = await contestant.start(stage);
    try {
      results.add(workload.name, contestant.name, await measure(stage, contestant, running, workload));
    } finally {
      await running.stop();
    }
  }
}

async function measure(
  stage: Stage,
  { answers }: Contestant,
  running: Running,
  { platform, isChatter = false, durations }: MessageWorkload,
): Promise<Record<string, number>> {
  const isAnswered = answers && !isChatter;
  const base = {
    platform,
    path: running.path,
    isChatter,
    doneWhen: isAnswered ? ('answered' as const) : ('acknowledged' as const),
    graceSeconds: 10,
  };
  const play = (spec: Pick<LoadSpec, 'pace' | 'seconds'>) => load(stage, running.port, { ...base, ...spec });

  await load(stage, running.port, {
    ...base,
    pace: { outstanding: WARM_OUTSTANDING },
    questions: durations.warmQuestions,
    seconds: WARM_LIMIT_SECONDS,
  });
  const open = await play({ pace: { rate: RATE }, seconds: durations.openSeconds });
  const model = isAnswered ? await modelTimes(stage, open.ids) : { asked: [], finished: [] };

  const before = { own: cpuOf(running), redis: stage.redisCpuMs() };
  const closed = await play({ pace: { outstanding: OUTSTANDING }, seconds: durations.closedSeconds });
  const cpu = { own: cpuOf(running) - before.own, redis: stage.redisCpuMs() - before.redis };

  const done = isAnswered ? closed.answered : closed.acknowledged;
  return {
    ...latencies('ack', differences(open.acknowledgedAt, open.sentAt)),
    ...(isAnswered && {
      ...latencies('end', differences(open.answeredAt, open.sentAt)),
      ...latencies('first_call', differences(model.asked, open.sentAt)),
      ...latencies('last_send', differences(open.answeredAt, model.finished)),
    }),
    per_second: (closed.doneInTime / closed.elapsedMs) * 1000,
    cpu_us: (cpu.own * 1000) / done,
    redis_cpu_us: (cpu.redis * 1000) / done,
    refused: open.refused + closed.refused,
    unanswered: isAnswered ? open.acknowledged - open.answered + closed.acknowledged - closed.answered : 0,
  };
}

export async function load(stage: Stage, port: number, spec: LoadSpec): Promise<LoadResult> {
  const { result, error } = await stage.world.ask<{ result: LoadResult; error?: string }>({ kind: 'load', port, spec });
  if (error) throw new Error(error);
  return result;
}

async function modelTimes(stage: Stage, ids: number[]): Promise<{ asked: number[]; finished: number[] }> {
  const { times } = await stage.model.ask<{ times: [number, number][] }>({ kind: 'times', ids });
  return { asked: times.map(([asked]) => asked), finished: times.map(([, finished]) => finished) };
}

export function latencies(name: string, values: readonly number[]): Record<string, number> {
  return { [`${name}_p50`]: quantile(values, 0.5), [`${name}_p99`]: quantile(values, 0.99) };
}
