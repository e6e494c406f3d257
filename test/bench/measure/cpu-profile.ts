import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What node writes for `--cpu-prof`. Times are in microseconds. */
export interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string }; children?: number[] }[];
  samples: number[];
  timeDeltas: number[];
}

/** What a process's time is told by: the first pattern that a place in the code matches. */
export const PHASES: readonly [phase: string, where: RegExp][] = [
  ['garbage collection', /^\(garbage collector\)$/],
  ['Redis client', /^(ioredis|standard-as-callback|redis-errors|denque|cluster-key-slot)$/],
  ['wake queue', /^(bullmq|msgpackr)$/],
  ['HTTP in', /^(fastify|@fastify\/.*|find-my-way|light-my-request|avvio|secure-json-parse|apps\/gateway\/.*)$/],
  ['HTTP out', /^undici$/],
  ['platform adapter', /^(adapters\/.*|@slack\/.*|core\/src\/(adapter|markdown|message)\/.*|marked)$/],
  ['model and its stream', /^(core\/src\/(provider|chat|pool)\/.*|openai)$/],
  ['guard, rules, tokens', /^(core\/src\/(guard|rules|memory|pipeline)\/.*|gpt-tokenizer|modern-ahocorasick|re2js)$/],
  ['quota and prices', /^(core\/src\/(quota|pricing)\/.*|lru-cache|@pydantic\/.*)$/],
  ['turn, mailbox, delivery', /^(workers\/.*|core\/src\/(bus|i18n|errors|notices)\/.*)$/],
  ['records to Postgres', /^(pg|pg-.*|postgres-.*|drizzle-orm|core\/src\/(store|secrets)\/.*)$/],
  ['log and metrics', /^(pino|sonic-boom|prom-client|core\/src\/telemetry\/.*)$/],
];
export const ELSEWHERE = 'runtime and the rest';

/**
 * CPU time by phase, in microseconds. What a library of Node itself costs falls to who called it.
 *
 * @param window of the profile, in milliseconds since its begin: before it the process was getting ready
 */
export function phasesOf(profile: CpuProfile, window: { fromMs: number; toMs: number }): Map<string, number> {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const phases = new Map<number, string | undefined>();

  function phaseOf(id: number): string | undefined {
    if (phases.has(id)) return phases.get(id);
    const { functionName, url } = nodes.get(id)?.callFrame ?? { functionName: '', url: '' };
    const parent = parents.get(id);
    const place = placeOf(url) ?? functionName;
    const found =
      functionName === '(idle)'
        ? undefined
        : (PHASES.find(([, where]) => where.test(place))?.[0] ??
          (parent === undefined || placeOf(url) ? ELSEWHERE : phaseOf(parent)));
    phases.set(id, found);
    return found;
  }

  const spent = new Map<string, number>();
  let atUs = 0;
  profile.samples.forEach((sample, i) => {
    const delta = profile.timeDeltas[i] ?? 0;
    atUs += delta;
    const phase = phaseOf(sample);
    if (phase === undefined || atUs < window.fromMs * 1000 || atUs > window.toMs * 1000) return;
    spent.set(phase, (spent.get(phase) ?? 0) + delta);
  });
  return spent;
}

/** The package or the file of the project; undefined for what is part of Node. */
function placeOf(url: string): string | undefined {
  const library = /node_modules\/(?:\.pnpm\/[^/]+\/node_modules\/)?((?:@[^/]+\/)?[^/]+)/.exec(url);
  if (library) return library[1];
  return /\/((?:core|adapters|apps|workers)\/.*)$/.exec(url)?.[1];
}

export async function readProfile(folder: string): Promise<CpuProfile> {
  const [file] = (await readdir(folder)).filter((name) => name.endsWith('.cpuprofile'));
  if (!file) throw new Error('node wrote no profile');
  return JSON.parse(await readFile(join(folder, file), 'utf8')) as CpuProfile;
}
