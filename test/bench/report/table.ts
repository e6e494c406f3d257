import type { Comparison, Row } from './rows.ts';
import type { Run } from './run.ts';

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

/** When, where, and how quiet it was; what was not measured, and why. */
export function formatFacts({ machine, startedAt, size, only, seconds, steps }: Run): string {
  const { cpu, cores, memoryGb, node, load } = machine;
  const what = only ? `${size}, only ${only.join(', ')}` : size;
  const others = steps.flatMap(({ otherCores }) => otherCores ?? []);
  const busy = others.length > 0 ? ` Other programs used up to ${Math.max(...others).toFixed(2)} cores meanwhile.` : '';
  const failed = steps.flatMap((step) => (step.failed ? [`\nNot measured: ${step.name}: ${step.failed}`] : []));
  return `${startedAt}, ${what}, ${Math.round(seconds)} s. ${cores} × ${cpu}, ${memoryGb} GB, Node ${node}, load average before the run ${load}.${busy}${failed.join('')}`;
}

function cellsOf({ workload, contestant, what, unit, value, compared, target }: Row): string[] {
  const { median, min, max } = value;
  const spread = min === max ? '' : `${figure(min)} – ${figure(max)}`;
  const comparison = compared ? comparisonText(compared, unit) : '';
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

function comparisonText({ by, figure: median, spread, with: other }: Comparison, unit: string): string {
  const one = (value: number) => (by === 'ratio' ? value.toFixed(2) : signed(value));
  const range = spread.min === spread.max ? '' : ` (${one(spread.min)} – ${one(spread.max)})`;
  return by === 'ratio' ? `${one(median)} ×${range} ${other}` : `${one(median)} ${unit}${range} to ${other}`;
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
