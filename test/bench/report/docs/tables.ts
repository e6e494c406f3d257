import { HUB } from '../../contestants/index.ts';
import type { Row } from '../rows.ts';
import { comparedText, type Figures, spreadText, valueText, workloadText } from './figures.ts';
import { markdownTable } from './markdown-table.ts';
import { type Language, wordIn } from './words.ts';

/** Every row that has a target. */
export function targetTable(language: Language, figures: Figures): string {
  const heads = {
    en: ['Workload', 'What', 'Parley', 'Spread', 'Compared', 'Target', 'Holds'],
    zh: ['负载', '指标', 'Parley', '范围', '对比', '目标', '达到'],
  }[language];
  const [yes, no] = language === 'en' ? ['yes', '**no**'] : ['是', '**否**'];
  const rows = figures.rows.flatMap((row): string[][] => {
    const { target, workload, what } = row;
    if (!target) return [];
    const bound = language === 'en' ? target.text : target.text.replace(/ (\S+) above$/, ' $1（差值）');
    const name = workloadText(language, figures, workload);
    const compared = comparedText(language, row);
    return [[name, wordIn(language, what), valueText(row), spreadText(row), compared, bound, target.met ? yes : no]];
  });
  return markdownTable(heads, rows, [2, 3]);
}

const SLACK_COLUMNS = [
  'highest rate',
  'ack p50 at 200/s',
  'ack p99 at 200/s',
  'answered p50 at 200/s',
  'answered p99 at 200/s',
  'CPU a message',
];

/** Workloads that are alike with all their contestants, a line for each. */
export function contestantTable(language: Language, { rows }: Figures, workloads: readonly string[]): string {
  const heads = {
    en: ['', 'A second', 'Spread', 'Ack p50', 'p99', 'Answered p50', 'p99', 'CPU a message'],
    zh: ['', '每秒', '范围', '确认 p50', 'p99', '回答 p50', 'p99', '每条消息 CPU'],
  }[language];
  const own = rows.filter((row) => workloads.includes(row.workload) && !row.compared);
  const names = [...new Set(own.map(({ contestant }) => contestant))];
  const lines = names.map((name) => {
    const cells = SLACK_COLUMNS.map((what) => own.find((row) => row.contestant === name && row.what === what));
    const texts = cells.map((row) => (row ? valueText(row) : ''));
    return [wordIn(language, name), texts[0] ?? '', cells[0] ? spreadText(cells[0]) : '', ...texts.slice(1)];
  });
  return markdownTable(heads, lines, [1, 2, 3, 4, 5, 6, 7]);
}

/** What a profile of one message says, the most expensive part first. */
export function phaseTable(language: Language, { rows }: Figures): string {
  const phases = rows.filter(({ workload }) => workload === 'one message');
  const total = phases.find(({ what }) => what === TOTAL);
  const lines = phases
    .filter(({ what }) => what !== TOTAL)
    .sort((one, other) => other.value.median - one.value.median)
    .concat(total ?? [])
    .map(({ what, value }) => {
      const share = total ? `${Math.round((value.median / total.value.median) * 100)} %` : '';
      return [wordIn(language, what), String(Math.round(value.median)), share];
    });
  return markdownTable(language === 'en' ? ['Part', 'µs', 'Share'] : ['部分', 'µs', '占比'], lines, [1, 2]);
}

const TOTAL = 'CPU in all';

/** What one message asks of Redis, by command. */
export function commandTable(language: Language, { combined }: Figures): string {
  const prefix = `commands of one message/${HUB}/`;
  const lines = Object.entries(combined.results.toJSON())
    .flatMap(([key, [count]]) =>
      key.startsWith(prefix) && count && count > 0 ? [{ name: key.slice(prefix.length), count }] : [],
    )
    .sort((one, other) => other.count - one.count)
    .map(({ name, count }) => [wordIn(language, name), count.toFixed(2)]);
  return markdownTable(language === 'en' ? ['Command', 'A message'] : ['命令', '每条消息'], lines, [1]);
}

/** What stands in no other table. */
export function restTable(language: Language, figures: Figures): string {
  const heads = {
    en: ['Workload', 'Who', 'What', 'Median', 'Spread', 'Compared'],
    zh: ['负载', '谁', '指标', '中位数', '范围', '对比'],
  }[language];
  const isElsewhere = (row: Row) =>
    row.target ||
    row.workload === 'one message' ||
    (row.workload.startsWith('Slack') && SLACK_COLUMNS.includes(row.what) && !row.compared);
  const rows = figures.rows
    .filter((row) => !isElsewhere(row))
    .map((row) => [
      workloadText(language, figures, row.workload),
      wordIn(language, row.contestant),
      wordIn(language, row.what),
      valueText(row),
      spreadText(row),
      comparedText(language, row),
    ]);
  return markdownTable(heads, rows, [3, 4]);
}
