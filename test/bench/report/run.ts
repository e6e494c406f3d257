import { readFile } from 'node:fs/promises';
import type { Machine } from '../measure/process-stats.ts';
import { createResults, type RoundValues } from '../measure/results.ts';
import type { Played } from '../play.ts';
import { type Row, rowsOf } from './rows.ts';

/** One run of the benchmark, as results.json has it. */
export interface Run {
  machine: Machine;
  /** ISO 8601. */
  startedAt: string;
  size: 'quick' | 'full' | 'soak';
  /** What it was confined to; absent: everything. */
  only?: string[];
  seconds: number;
  steps: Played[];
  /** `workload/contestant/metric` → one value per round. */
  values: Record<string, RoundValues>;
}

/** @throws Error of a file that is no run */
export async function readRun(file: string): Promise<Run> {
  const run = JSON.parse(await readFile(file, 'utf8')) as Partial<Run>;
  if (!run.machine || !run.values || !run.steps || !run.startedAt) throw new Error(`${file} holds no run`);
  return run as Run;
}

export function rowsOfRun({ values }: Run): Row[] {
  return rowsOf(createResults(values));
}
