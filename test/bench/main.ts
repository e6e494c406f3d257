import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machine } from './measure/process-stats.ts';
import { createResults, type Results } from './measure/results.ts';
import { planOf, type Size, type Step } from './plan.ts';
import { writePlots } from './report/plots.ts';
import { rowsOf } from './report/rows.ts';
import { formatFacts, formatMarkdown, formatTable, type RunFacts } from './report/table.ts';
import { type Stage, setStage } from './stage.ts';

const USAGE = `npm run bench -- [--quick] [--only STEP[,STEP]] [--rounds N] [--soak] [--out FOLDER]
  --quick   one round of each, in under two minutes
  --only    of slack, telegram, feishu, chatter, api, redis, profile, streams, backlog, cold, history, scale
  --soak    a million messages: memory only, about half an hour
  --minutes begins nothing that would take longer (default 9.5, with --quick 1.9)
  --out     writes results.json, table.md and the plots there
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      soak: { type: 'boolean', default: false },
      only: { type: 'string' },
      rounds: { type: 'string' },
      minutes: { type: 'string' },
      out: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(USAGE);
  const size: Size = values.quick ? 'quick' : 'full';
  const wanted = values.only?.split(',');
  const steps = planOf(size, values.soak).filter(({ name }) => !wanted || wanted.includes(name));
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  const facts = { machine: machine(), startedAt: new Date().toISOString(), size: values.soak ? 'soak' : size };
  const beganAt = performance.now();
  const results = createResults();
  // Whatever ends the benchmark ends what it has started: everything listens to `exit`.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  const stage = await setStage();
  try {
    const minutes = Number(values.minutes ?? (values.soak ? 600 : values.quick ? 1.9 : 9.5));
    await play({ stage, steps, results, rounds, limitMs: minutes * 60_000 });
  } finally {
    await stage.close();
  }
  await tell(results, { ...facts, seconds: (performance.now() - beganAt) / 1000 }, values.out);
}

interface Playing {
  stage: Stage;
  steps: Step[];
  results: Results;
  rounds: number | undefined;
  limitMs: number;
}

/** Round by round, so that what the machine does besides falls on everybody alike. */
async function play({ stage, steps, results, rounds, limitMs }: Playing): Promise<void> {
  const startedAt = performance.now();
  const took = new Map<Step, number>();
  const most = Math.max(...steps.map((step) => rounds ?? step.rounds));
  for (let round = 0; round < most; round++) {
    for (const step of steps) {
      if (round >= (rounds ?? step.rounds)) continue;
      const beganAt = performance.now();
      if (beganAt - startedAt + (took.get(step) ?? 0) > limitMs) {
        process.stderr.write(`round ${round + 1}: ${step.name} left out, time is up\n`);
        continue;
      }
      // One that cannot be measured must not cost the others.
      await step.play(stage, results).catch((error: Error) => {
        process.exitCode = 1;
        process.stderr.write(`round ${round + 1}: ${step.name} FAILED: ${error.stack}\n`);
      });
      took.set(step, performance.now() - beganAt);
      const seconds = Math.round((took.get(step) ?? 0) / 1000);
      process.stderr.write(`round ${round + 1}: ${step.name}, ${seconds} s\n`);
    }
  }
}

async function tell(results: Results, facts: RunFacts, out: string | undefined): Promise<void> {
  const rows = rowsOf(results);
  process.stdout.write(`${formatFacts(facts)}\n\n${formatTable(rows)}\n`);
  if (out === undefined) return;
  await writePlots(rows, out);
  await writeFile(join(out, 'results.json'), `${JSON.stringify({ ...facts, values: results, rows }, null, 2)}\n`);
  await writeFile(join(out, 'table.md'), `${formatFacts(facts)}\n\n${formatMarkdown(rows)}\n`);
}

await main();
