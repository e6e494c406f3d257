import type { Machine } from '../measure/process-stats.ts';
import type { Row } from './rows.ts';

export interface RunFacts {
  machine: Machine;
  startedAt: string;
  size: string;
  seconds: number;
}

const HEADINGS = ['workload', 'who', 'what', 'median', 'spread', 'compared', 'target', ''];
const RIGHT = new Set([3, 4, 5]);

export function formatTable(rows: readonly Row[]): string {
  const cells = [HEADINGS, ...rows.map(cellsOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...cells.map((row) => [...(row[column] as string)].length)));
  const line = (row: string[]) =>
    row
      .map((cell, i) => pad(cell, widths[i] as number, RIGHT.has(i)))
      .join('  ')
      .trimEnd();
  return [line(HEADINGS), widths.map((width) => '─'.repeat(width)).join('  '), ...cells.slice(1).map(line)].join('\n');
}

export function formatMarkdown(rows: readonly Row[]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const ruler = line(HEADINGS.map((_, i) => (RIGHT.has(i) ? '---:' : '---')));
  return [line(HEADINGS), ruler, ...rows.map((row) => line(cellsOf(row)))].join('\n');
}

export function formatFacts({ machine, startedAt, size, seconds }: RunFacts): string {
  const { cpu, cores, memoryGb, node, load } = machine;
  return `${startedAt}, ${size}, ${Math.round(seconds)} s. ${cores} × ${cpu}, ${memoryGb} GB, Node ${node}, load average before the run ${load}.`;
}

function cellsOf({ workload, contestant, what, unit, value, compared, target }: Row): string[] {
  const { median, min, max } = value;
  const spread = min === max ? '' : `${figure(min)} – ${figure(max)}`;
  const comparison = compared
    ? `${compared.by === 'ratio' ? `${compared.figure.toFixed(2)} ×` : `${signed(compared.figure)} ${unit} to`} ${compared.with}`
    : '';
  const verdict = target ? (target.met ? 'met' : 'MISSED') : '';
  return [
    workload,
    contestant,
    what,
    `${figure(median)} ${unit}`.trim(),
    spread,
    comparison,
    target?.text ?? '',
    verdict,
  ];
}

/** Three digits that count, without an exponent. */
export function figure(value: number): string {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString('en', { maximumFractionDigits: Math.min(digits, 3) });
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${figure(Math.abs(value))}`;
}

function pad(text: string, width: number, right: boolean): string {
  const spaces = ' '.repeat(Math.max(0, width - [...text].length));
  return right ? spaces + text : text + spaces;
}
