import { readWords } from '../support/command-words.ts';
import { machine } from './measure/process-stats.ts';
import { createResults } from './measure/results.ts';
import { type Options, readOptions, USAGE } from './options.ts';
import { planOf, type Step, soakOf } from './plan.ts';
import { type Played, playAll } from './play.ts';
import { writeDocs } from './report/docs/write.ts';
import { writeReport } from './report/report.ts';
import { type Run, readRun, rowsOfRun } from './report/run.ts';
import { formatFacts, formatTable } from './report/table.ts';
import { setStage } from './stage.ts';

const tell = (line: string) => void process.stderr.write(`${line}\n`);
/** To write down what there is, after the last moment for measuring. */
const LAST_WORDS_MS = 10_000;

async function main(options: Options): Promise<void> {
  if (options.from === undefined) await measure(options);
  else await finish(await readRun(options.from), options);
}

async function measure(options: Options): Promise<void> {
  const steps = stepsOf(options);
  const limitMs = options.minutes * 60_000;
  const results = createResults();
  const { size, soak, only } = options;
  const facts = {
    machine: machine(),
    startedAt: new Date().toISOString(),
    size: soak === undefined ? size : ('soak' as const),
    ...(only && { only: [...options.matches, ...only.filter((name) => name !== 'arena')] }),
  };
  const startedAt = performance.now();
  const runOf = (played: Played[]): Run => ({
    ...facts,
    seconds: (performance.now() - startedAt) / 1000,
    steps: played,
    values: results.toJSON(),
  });
  let latest: Played[] = [];
  const giveUp = async (why: string) => {
    tell(`${why}: what was measured until now`);
    await finish(runOf([...latest, { name: 'the rest', seconds: 0, otherCores: null, failed: why }]), options);
    // Everything that was started listens to `exit`.
    process.exit(1);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void giveUp(signal));
  // The last resort; `playAll` sees to it that nothing begins which cannot be over in time.
  const alarm = setTimeout(() => void giveUp('time is up'), limitMs + LAST_WORDS_MS);
  const stage = await setStage();
  try {
    await playAll({
      stage,
      steps,
      results,
      limitMs: limitMs - (performance.now() - startedAt),
      tell,
      async onPlayed(played) {
        latest = [...played];
        if (options.out !== undefined) await writeReport(runOf(latest), options.out);
      },
    });
  } finally {
    await stage.close();
    clearTimeout(alarm);
  }
  await finish(runOf(latest), options);
}

function stepsOf({ size, soak, only, matches, rounds }: Options): Step[] {
  if (soak !== undefined) return soakOf(soak, tell);
  return planOf(size, matches, rounds).filter(({ name }) => !only || only.includes(name));
}

async function finish(run: Run, { out, docs }: Options): Promise<void> {
  process.stdout.write(`${formatFacts(run)}\n\n${formatTable(rowsOfRun(run))}\n`);
  if (run.steps.some(({ failed }) => failed)) process.exitCode = 1;
  if (out !== undefined) await writeReport(run, out);
  if (docs) await writeDocs(run);
}

const options = readWords(() => readOptions(process.argv.slice(2)), USAGE);
if (options === 'help') process.stdout.write(USAGE);
else await main(options);
