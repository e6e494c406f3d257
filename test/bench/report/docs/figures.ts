import { HUB } from '../../contestants/index.ts';
import type { Comparison, Row } from '../rows.ts';
import { figure } from '../table.ts';
import type { Combined, Published } from './runs.ts';
import { type Language, wordIn } from './words.ts';

/** What a section of the page is written from. */
export interface Figures {
  published: Published;
  combined: Combined;
  rows: Row[];
  /** The median of a metric as text; `—` where it was not measured. */
  of(workload: string, metric: string, options?: { contestant?: string; times?: number }): string;
  /** The same as a number. */
  value(workload: string, metric: string, contestant?: string): number | undefined;
}

export function figuresOf(published: Published, combined: Combined, rows: Row[]): Figures {
  const value = (workload: string, metric: string, contestant = HUB) =>
    combined.results.get(workload, contestant, metric)?.median;
  return {
    published,
    combined,
    rows,
    value,
    of(workload, metric, { contestant, times = 1 } = {}) {
      const found = value(workload, metric, contestant);
      return found === undefined ? '—' : figure(found * times);
    },
  };
}

/** A row's value with its unit. */
export function valueText({ value, unit }: Row): string {
  return `${figure(value.median)} ${unit}`.trim();
}

export function spreadText({ value: { min, max } }: Row): string {
  return min === max ? '' : `${figure(min)} – ${figure(max)}`;
}

export function comparedText(language: Language, { compared, unit }: Row): string {
  if (!compared) return '';
  const other = wordIn(language, compared.with);
  const range = rangeText(compared);
  if (compared.by === 'ratio') return `${compared.figure.toFixed(2)} ×${range} ${other}`;
  const number = `${signed(compared.figure)} ${unit}${range}`;
  return language === 'en' ? `${number} to ${other}` : `${number}，相对 ${other}`;
}

function rangeText({ by, spread: { min, max } }: Comparison): string {
  if (min === max) return '';
  const one = (value: number) => (by === 'ratio' ? value.toFixed(2) : signed(value));
  return ` (${one(min)} – ${one(max)})`;
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${figure(Math.abs(value))}`;
}

/** A workload's name, with a mark where its figures are of another run than the main one. */
export function workloadText(language: Language, { combined }: Figures, workload: string): string {
  return `${wordIn(language, workload)}${markOf(combined.runOf(workload))}`;
}

const MARKS = ['', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];

export function markOf(run: number): string {
  return MARKS[run] ?? `^${run}`;
}
