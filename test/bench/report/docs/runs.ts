import { createResults, type Results, type RoundValues } from '../../measure/results.ts';
import type { Run } from '../run.ts';

/** What docs/performance.json holds: the runs that its figures are of, the main one first. */
export interface Published {
  runs: Run[];
}

/** Whose figures they are, by workload: a position in `runs`. */
export interface Combined {
  results: Results;
  runOf(workload: string): number;
}

/**
 * Takes a run in. A whole one replaces all others, but not the memory of a million messages: that takes an hour, and is
 * measured by itself. A part replaces earlier figures of the same workloads.
 */
export function takeIn({ runs }: Published, run: Run): Published {
  const soaks = runs.filter(({ size }) => size === 'soak');
  const others = runs.filter(({ size }) => size !== 'soak');
  if (run.size === 'soak') return { runs: [...others, run] };
  if (!run.only) return { runs: [run, ...soaks] };
  const rest = others.filter(({ only }) => String(only) !== String(run.only));
  return { runs: [...rest, run, ...soaks] };
}

/** For each workload the figures of the last run that has any. */
export function combine({ runs }: Published): Combined {
  const owners = new Map<string, number>();
  runs.forEach(({ values }, index) => {
    for (const key of Object.keys(values)) owners.set(workloadOf(key), index);
  });
  const values: Record<string, RoundValues> = {};
  runs.forEach((run, index) => {
    for (const [key, rounds] of Object.entries(run.values)) {
      if (owners.get(workloadOf(key)) === index) values[key] = rounds;
    }
  });
  return { results: createResults(values), runOf: (workload) => owners.get(workload) ?? 0 };
}

function workloadOf(key: string): string {
  return key.slice(0, key.indexOf('/'));
}

/** As a formatter leaves it: a metric is one line. */
export function formatPublished({ runs }: Published): string {
  const pieces = runs.map(({ values, ...facts }) => {
    const lines = Object.entries(values).map(([key, rounds]) => `        ${JSON.stringify(key)}: [${listOf(rounds)}]`);
    const head = Object.entries(facts).map(([name, value]) => `      ${JSON.stringify(name)}: ${factOf(value)}`);
    return `    {\n${[...head, `      "values": {\n${lines.join(',\n')}\n      }`].join(',\n')}\n    }`;
  });
  return `{\n  "runs": [\n${pieces.join(',\n')}\n  ]\n}\n`;
}

function factOf(value: unknown): string {
  const text = Array.isArray(value) && typeof value[0] === 'string' ? inOneLine(value) : JSON.stringify(value, null, 2);
  return text.replaceAll('\n', '\n      ');
}

function inOneLine(list: readonly string[]): string {
  return `[${list.map((each) => JSON.stringify(each)).join(', ')}]`;
}

function listOf(rounds: RoundValues): string {
  return rounds.map((value) => (value === null ? 'null' : String(Number(value.toPrecision(5))))).join(', ');
}
