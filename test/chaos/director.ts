import { setTimeout as sleep } from 'node:timers/promises';
import { CRASH_POINTS, type FaultContext, type FaultKind, type KillKind, play, WEATHER } from './faults.ts';
import type { Random } from './random.ts';

/** Out of as many kills that are not at a named step. */
const KILL_SHARES: [KillKind, number][] = [
  ['kill worker', 5],
  ['kill gateway', 2],
  ['kill redis', 3],
  ['kill hub', 2],
];
/** Other faults for each kill. */
const WEATHER_SHARE = 0.8;
/** A restart at a named step ends a process twice. */
const KILLS_PER_CRASH = 2;

/** What is to happen, in order: every named step as often as any other, the rest by chance. */
export function planFaults(kills: number, random: Random): FaultKind[] {
  const crashes = Math.floor(kills / 2 / KILLS_PER_CRASH);
  const points = random.shuffle(CRASH_POINTS);
  const atPoints = Array.from(
    { length: crashes },
    (_, i): FaultKind => `crash at ${points[i % points.length] ?? 'worker:sent'}`,
  );
  const basket = KILL_SHARES.flatMap(([kind, share]) => Array.from({ length: share }, () => kind));
  const plain = Array.from({ length: Math.max(0, kills - crashes * KILLS_PER_CRASH) }, () => random.pick(basket));
  const weather = Array.from({ length: Math.round(kills * WEATHER_SHARE) }, () => random.pick(WEATHER));
  return random.shuffle<FaultKind>([...atPoints, ...plain, ...weather]);
}

/** Plays the plan at random moments over the time; resolves when the last fault is over. */
export async function playFaults(
  plan: readonly FaultKind[],
  durationMs: number,
  context: FaultContext,
  signal: AbortSignal,
): Promise<void> {
  const { random } = context;
  const moments = plan.map(() => random.next() * durationMs).sort((a, b) => a - b);
  const began = performance.now();
  const playing = new Set<Promise<void>>();
  /** Those that take the whole intake away come one at a time. */
  let outage: Promise<void> = Promise.resolve();
  for (const [i, kind] of plan.entries()) {
    const wait = (moments[i] as number) - (performance.now() - began);
    if (wait > 0) await sleep(wait, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    const isOutage = kind.endsWith(' redis') || kind === 'kill hub' || context.deployment.name === 'whole';
    const run = isOutage ? outage.then(() => play(kind, context)) : play(kind, context);
    if (isOutage) outage = run.catch(() => undefined);
    const running = run.finally(() => playing.delete(running));
    running.catch(() => undefined);
    playing.add(running);
  }
  await Promise.all(playing);
}
