import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HUB } from '../contestants/index.ts';
import { plotBars } from './plot.ts';
import type { Row } from './rows.ts';

interface PlotSpec {
  file: string;
  title: string;
  workload: string;
  what: string;
}

const PLOTS: PlotSpec[] = [
  { file: 'bench-slack-rate.svg', title: 'Slack: answered a second', workload: 'Slack', what: 'highest rate' },
  {
    file: 'bench-slack-end.svg',
    title: 'Slack: asked to answered, p50 at 200/s',
    workload: 'Slack',
    what: 'answered p50 at 200/s',
  },
  { file: 'bench-slack-cpu.svg', title: 'Slack: CPU time a message', workload: 'Slack', what: 'CPU a message' },
  {
    file: 'bench-chat-api.svg',
    title: 'Chat API: answers a second, 32 at a time',
    workload: 'chat API plain ×32',
    what: 'rate',
  },
];

/** Draws what was measured into `folder`. */
export async function writePlots(rows: readonly Row[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const { file, title, workload, what } of PLOTS) {
    const found = rows.filter((row) => row.workload === workload && row.what === what && !row.compared);
    if (found.length === 0) continue;
    const bars = found.map(({ contestant, value }) => ({
      name: contestant,
      value: value.median,
      isOurs: contestant.startsWith(HUB),
    }));
    await writeFile(join(folder, file), plotBars(title, found[0]?.unit ?? '', bars));
  }
}
