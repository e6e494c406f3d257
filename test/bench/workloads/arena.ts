import type { Contestant, Running } from '../contestants/index.ts';
import { watchOtherWork } from '../measure/machine-share.ts';
import type { Results } from '../measure/results.ts';
import type { Stage } from '../stage.ts';

/** One contestant in one workload. */
export interface Entry {
  workload: string;
  contestant: Contestant;
  warm(stage: Stage, running: Running): Promise<void>;
  measure(stage: Stage, running: Running, results: Results): Promise<void>;
}

export interface ArenaOptions {
  /** By workload; contestants of the same name are one process. */
  workloads: Entry[][];
  rounds: number;
  /** No further round begins that would not be over by then (`performance.now`). */
  untilMs?: number;
}

/**
 * Everybody who is compared: started and warmed up once, then asked in turn, round by round, each time in another order.
 * Compiling takes the hub some 4,000 messages and a lean pipeline 1,000: measured from a cold start it is the warm-up that
 * is compared, and with minutes between two contestants it is the weather of the machine.
 *
 * @throws AggregateError of what failed, after everything else was measured
 */
export async function playArena(stage: Stage, options: ArenaOptions, results: Results): Promise<void> {
  const { rounds, untilMs = Number.POSITIVE_INFINITY } = options;
  const failures: Error[] = [];
  const running = new Map<string, Running>();
  const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      failures.push(new Error(what, { cause: error }));
      return undefined;
    }
  };

  await stage.reset();
  try {
    const everybody = new Map(options.workloads.flat().map(({ contestant }) => [contestant.name, contestant]));
    for (const [name, contestant] of everybody) {
      const started = await attempt(`${name} does not start`, () => contestant.start(stage));
      if (started) running.set(name, started);
    }
    const entries = options.workloads.map((each) => each.filter(({ contestant }) => running.has(contestant.name)));
    const each = async (entry: Entry, verb: string, work: (running: Running) => Promise<void>) => {
      const { workload, contestant } = entry;
      const own = running.get(contestant.name);
      if (own) await attempt(`${workload}, ${contestant.name}: ${verb}`, () => work(own));
    };
    for (const entry of entries.flat()) await each(entry, 'warm-up', (own) => entry.warm(stage, own));
    let tookMs = 0;
    for (let round = 0; round < rounds; round++) {
      const beganAt = performance.now();
      if (round > 0 && beganAt + tookMs > untilMs) break;
      results.begin(round);
      for (const entry of entries.flatMap((workload) => rotated(workload, round))) {
        const others = watchOtherWork();
        await each(entry, `round ${round + 1}`, (own) => entry.measure(stage, own, results));
        results.add(entry.workload, entry.contestant.name, { other_cores: others.take() });
      }
      tookMs = performance.now() - beganAt;
    }
  } finally {
    results.begin(0);
    await Promise.all([...running.values()].map((each) => each.stop()));
  }
  if (failures.length > 0) throw new AggregateError(failures, failures.map(({ message }) => message).join('; '));
}

/** Nobody always comes first, or after the same one. */
function rotated<T>(list: readonly T[], by: number): T[] {
  const at = list.length > 0 ? by % list.length : 0;
  return [...list.slice(at), ...list.slice(0, at)];
}
