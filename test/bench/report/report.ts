import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writePlots } from './plots.ts';
import { type Run, rowsOfRun } from './run.ts';
import { formatFacts, formatMarkdown } from './table.ts';

/** Writes all that a run has measured, its table and its plots into a folder. */
export async function writeReport(run: Run, folder: string): Promise<void> {
  const rows = rowsOfRun(run);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'results.json'), `${JSON.stringify({ ...run, rows }, null, 2)}\n`);
  await writeFile(join(folder, 'table.md'), `${formatFacts(run)}\n\n${formatMarkdown(rows)}\n`);
  await writePlots(rows, folder);
}
