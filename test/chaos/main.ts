import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { numberOf, readWords } from '../support/command-words.ts';
import { recoveries } from './recovery.ts';
import { runChaos } from './run.ts';
import { complaints, formatTable, rowsOf } from './table.ts';

/**
 * `npm run chaos`: asks thousands of questions on all platforms while everything is killed, frozen, cut and throttled,
 * and prints what became of them. Exit code 0 only if nothing was lost, doubled, out of order or stuck.
 */
const USAGE =
  'npm run chaos -- [--questions N] [--kills N] [--minutes M] [--seed S] [--whole SHARE] [--json FILE] [--quiet]\n';
const { questions, kills, minutes, seed, wholeShare, json, quiet } = readWords(() => {
  const { values } = parseArgs({
    options: {
      questions: { type: 'string', default: '2100' },
      kills: { type: 'string', default: '60' },
      minutes: { type: 'string', default: '15' },
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
      whole: { type: 'string', default: '0.25' },
      json: { type: 'string' },
      quiet: { type: 'boolean', default: false },
    },
  });
  return {
    questions: numberOf('questions', values.questions),
    kills: numberOf('kills', values.kills),
    minutes: numberOf('minutes', values.minutes),
    seed: numberOf('seed', values.seed),
    wholeShare: numberOf('whole', values.whole),
    json: values.json,
    quiet: values.quiet,
  };
}, USAGE);

process.stdout.write(`seed ${seed}: ${questions} questions, ${kills} kills, ${minutes} minutes\n`);
const say = quiet ? () => {} : (line: string) => void process.stderr.write(`${line}\n`);
// The first Ctrl-C ends the load and judges what there is; the second gives up.
const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => (interrupted.signal.aborted ? process.exit(130) : interrupted.abort()));
}
const report = await runChaos({ questions, kills, minutes, wholeShare, seed, say, signal: interrupted.signal });
const rows = rowsOf(report);
const wrong = complaints(report);
process.stdout.write(`\n${formatTable(rows)}\n\n`);
process.stdout.write(
  wrong.length === 0 ? 'Everything holds.\n' : `${wrong.join('\n')}\nRun it again with --seed ${seed}\n`,
);
if (json) {
  const { ledger, kills: killed, ...rest } = report;
  const judged = {
    rows,
    complaints: wrong,
    historyFaults: ledger.historyFaults,
    recoveries: recoveries(killed, ledger).measured.map((one) => ({
      ...one,
      question: ledger.questions.get(one.marker),
    })),
    kills: killed.all.map(({ at, what, hit }) => ({ at, what, chats: hit.map(({ chat }) => chat) })),
    ...rest,
  };
  await writeFile(json, JSON.stringify(judged, null, 1));
}
process.exit(wrong.length === 0 ? 0 : 1);
