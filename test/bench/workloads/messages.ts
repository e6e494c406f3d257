import { type Contestant, cpuOf, type Running } from '../contestants/index.ts';
import { differences, quantile } from '../measure/statistics.ts';
import type { Stage } from '../stage.ts';
import type { LoadResult, LoadSpec } from '../world/load.ts';
import type { PlatformName } from '../world/people.ts';
import type { Entry } from './arena.ts';
import { settled } from './settled.ts';

export interface MessageDurations {
  /** By number, as a slow one needs more time until its code is compiled. */
  warmQuestions: number;
  warmSeconds: number;
  /** 0: no latencies. */
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
const GRACE_SECONDS = 10;
/**
 * Before each measurement: who was not asked for a minute has given memory back and closed connections, and takes some hundred
 * messages to be as fast as before.
 */
const AGAIN_SECONDS = 0.7;

/** What each contestant of a workload does in a round: 200 questions a second for latencies, then as many as it takes. */
export function messageEntries(workload: MessageWorkload): Entry[] {
  const { name, platform, isChatter = false, durations } = workload;
  const { warmQuestions, warmSeconds, openSeconds, closedSeconds } = durations;
  return workload.contestants.map((contestant): Entry => {
    const isAnswered = contestant.answers && !isChatter;
    const play = (stage: Stage, { port, path }: Running, spec: Pick<LoadSpec, 'pace' | 'seconds' | 'questions'>) =>
      load(stage, port, {
        platform,
        path,
        isChatter,
        doneWhen: isAnswered ? 'answered' : 'acknowledged',
        graceSeconds: GRACE_SECONDS,
        ...spec,
      });
    return {
      workload: name,
      contestant,
      async warm(stage, running) {
        const pace = { outstanding: OUTSTANDING };
        await play(stage, running, { pace, questions: warmQuestions, seconds: warmSeconds });
        await settled(running);
      },
      async measure(stage, running, results) {
        await play(stage, running, { pace: { outstanding: OUTSTANDING }, seconds: AGAIN_SECONDS });
        // Rows that are still being written are a price of those questions, and no burden to the next ones.
        await settled(running);
        const open =
          openSeconds > 0 ? await play(stage, running, { pace: { rate: RATE }, seconds: openSeconds }) : undefined;
        if (open) results.add(name, contestant.name, await latenciesOf(stage, open, isAnswered));
        const redisCpuMs = running.redisCpuMs ?? stage.redisCpuMs;
        const before = { own: cpuOf(running), redis: redisCpuMs() };
        const closed = await play(stage, running, { pace: { outstanding: OUTSTANDING }, seconds: closedSeconds });
        // What is done after the answer, such as rows for the database, is part of its price.
        await settled(running);
        const done = isAnswered ? closed.answered : closed.acknowledged;
        const lost = (from?: LoadResult) => (from && isAnswered ? from.acknowledged - from.answered : 0);
        results.add(name, contestant.name, {
          per_second: (closed.doneInTime / closed.elapsedMs) * 1000,
          cpu_us: ((cpuOf(running) - before.own) * 1000) / done,
          redis_cpu_us: ((redisCpuMs() - before.redis) * 1000) / done,
          refused: (open?.refused ?? 0) + closed.refused,
          unanswered: lost(open) + lost(closed),
        });
      },
    };
  });
}

async function latenciesOf(stage: Stage, open: LoadResult, isAnswered: boolean): Promise<Record<string, number>> {
  const acknowledged = latencies('ack', differences(open.acknowledgedAt, open.sentAt));
  if (!isAnswered) return acknowledged;
  const model = await modelTimes(stage, open.ids);
  return {
    ...acknowledged,
    ...latencies('end', differences(open.answeredAt, open.sentAt)),
    ...latencies('first_call', differences(model.asked, open.sentAt)),
    ...latencies('last_send', differences(open.answeredAt, model.finished)),
  };
}

export async function load(stage: Stage, port: number, spec: LoadSpec): Promise<LoadResult> {
  const path = spec.path.replaceAll('{platform}', spec.platform);
  const order = { kind: 'load', port, spec: { ...spec, path } };
  const { result, error } = await stage.world.ask<{ result: LoadResult; error?: string }>(order);
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
