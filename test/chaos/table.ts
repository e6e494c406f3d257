import { type Fault, groupBy } from './judge.ts';
import { PLATFORMS, type PlatformName } from './ledger.ts';
import { quantile, recoveries } from './recovery.ts';
import type { ChaosReport } from './run.ts';

/** One row of the result: a platform, or all of them. */
export interface Row {
  name: string;
  questions: number;
  kills: number | undefined;
  lost: number;
  doubled: number;
  outOfOrder: number;
  /** Streams left open, previews and messages of the bot that belong to nothing. */
  stuck: number;
  /** Placeholders that Telegram's worst case leaves behind; allowed. */
  stray: number;
  /** Requests to the model beyond the first of a question: the price of a worker killed before its answer was recorded. */
  modelRepeated: number;
  /** Questions for which the model was asked although they had an answer; never allowed. */
  askedAgain: number;
  recovery: { median: number | undefined; p99: number | undefined; max: number | undefined };
  /** Chats the recovery was measured in, and those it was not because something else was wrong with them meanwhile. */
  chats: { measured: number; leftOut: number };
}

export function rowsOf(report: ChaosReport): Row[] {
  return [...PLATFORMS.map((platform) => rowOf(report, platform)), rowOf(report, undefined)];
}

function rowOf({ ledger, kills, verdict }: ChaosReport, platform: PlatformName | undefined): Row {
  const ours = <T extends { platform: PlatformName }>(items: Iterable<T>) =>
    [...items].filter((item) => platform === undefined || item.platform === platform);
  const questions = ours(ledger.questions.values());
  const faults = groupBy(ours(verdict.findings), ({ fault }) => fault);
  const count = (...names: Fault[]) => names.reduce((sum, name) => sum + (faults.get(name)?.length ?? 0), 0);
  const strays = ours(verdict.strays);
  const allowed = strays.filter((stray) => stray.platform === 'telegram' && /^\s*…\s*$/.test(stray.text)).length;
  const { measured, leftOut } = recoveries(kills, ledger, platform);
  const seconds = measured.map((recovery) => recovery.seconds);
  return {
    name: platform ?? 'total',
    questions: questions.length,
    kills: platform === undefined ? kills.all.filter(({ isKill }) => isKill).length : undefined,
    lost: count('lost', 'garbled'),
    doubled: count('doubled'),
    outOfOrder: count('out of order'),
    stuck: count('stuck') + ours(verdict.openStreams).length + strays.length - allowed,
    stray: allowed,
    modelRepeated: questions.reduce((sum, { modelCalls }) => sum + Math.max(0, modelCalls.length - 1), 0),
    askedAgain: count('asked again'),
    recovery: { median: quantile(seconds, 0.5), p99: quantile(seconds, 0.99), max: seconds.at(-1) },
    chats: { measured: seconds.length, leftOut },
  };
}

/** What is promised: see docs/delivery.md. */
const RECOVERY_P99_SECONDS = 15;

/** What is wrong with the whole run, in sentences; empty: it holds what is promised. */
export function complaints(report: ChaosReport): string[] {
  const total = rowsOf(report).at(-1) as Row;
  const { lost, doubled, outOfOrder, stuck, askedAgain, recovery } = total;
  const wrong = Object.entries({ lost, doubled, outOfOrder, stuck, askedAgain }).filter(([, count]) => count > 0);
  const slow = (recovery.p99 ?? 0) > RECOVERY_P99_SECONDS;
  return [
    ...wrong.map(([name, count]) => `${name}: ${count}`),
    ...(slow ? [`recovery took ${recovery.p99?.toFixed(1)} s at the 99th percentile`] : []),
    ...(report.givenUp > 0 && lost > 0 ? [`platforms gave up ${report.givenUp} deliveries`] : []),
    ...(report.records.length > 0 ? [`database: ${report.records.slice(0, 10).join('; ')}`] : []),
    ...(report.ledger.historyFaults.length > 0
      ? [`questions told twice to the model: ${report.ledger.historyFaults.slice(0, 10).join('; ')}`]
      : []),
  ];
}

const HEADINGS = [
  'platform',
  'questions',
  'kills',
  'lost',
  'doubled',
  'out of order',
  'stuck',
  'stray',
  'model calls repeated',
  'recover median / p99 / max',
  'chats measured (left out)',
];

export function formatTable(rows: readonly Row[]): string {
  const cells = [HEADINGS, ...rows.map(cellsOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...cells.map((row) => (row[column] as string).length)));
  const line = (row: string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number))).join('  ');
  return [line(HEADINGS), widths.map((width) => '─'.repeat(width)).join('  '), ...cells.slice(1).map(line)].join('\n');
}

function cellsOf(row: Row): string[] {
  const { median, p99, max } = row.recovery;
  const seconds = [median, p99, max].map((value) => (value === undefined ? '-' : value.toFixed(1)));
  const counts = [row.kills ?? '', row.lost, row.doubled, row.outOfOrder, row.stuck, row.stray, row.modelRepeated];
  return [
    row.name,
    String(row.questions),
    ...counts.map(String),
    `${seconds.join(' / ')} s`,
    `${row.chats.measured} (${row.chats.leftOut})`,
  ];
}
