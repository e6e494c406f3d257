import { useMemo } from 'react';
import { type Language, useLanguage } from './texts.ts';

/** Numbers, money and times as the reader's language writes them. `-` stands for what is not known. */
export interface Format {
  number(value: number | null | undefined): string;
  compact(value: number | null | undefined): string;
  usd(value: number | null | undefined): string;
  percent(ratio: number | null | undefined): string;
  ms(value: number | null | undefined): string;
  bytes(value: number | null | undefined): string;
  time(at: string | null | undefined): string;
  clock(at: string | null | undefined): string;
  day(at: string | null | undefined): string;
  ago(at: string | null | undefined): string;
}

const LOCALES: Record<Language, string> = { en: 'en-GB', zh: 'zh-CN' };
const NOTHING = '–';

export function useFormat(): Format {
  const language = useLanguage();
  return useMemo(() => createFormat(language), [language]);
}

export function createFormat(language: Language, now: () => number = Date.now): Format {
  const locale = LOCALES[language];
  const plain = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
  const short = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
  const share = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const stamp = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' });
  const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
  const day = new Intl.DateTimeFormat(locale, { month: 'short', day: 'numeric' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' });
  const date = (show: Intl.DateTimeFormat) => (at: string | null | undefined) =>
    at ? show.format(new Date(at)) : NOTHING;
  const known = (show: (value: number) => string) => (value: number | null | undefined) =>
    value === null || value === undefined || Number.isNaN(value) ? NOTHING : show(value);
  return {
    number: known((value) => plain.format(value)),
    compact: known((value) => (Math.abs(value) < 10_000 ? plain.format(value) : short.format(value))),
    usd: known((value) => usd(locale, value)),
    percent: known((value) => share.format(value)),
    ms: known(durationOf),
    bytes: known((value) =>
      value < 2 ** 20 ? `${plain.format(value / 2 ** 10)} KiB` : `${plain.format(value / 2 ** 20)} MiB`,
    ),
    time: date(stamp),
    clock: date(clock),
    day: date(day),
    ago: (at) => (at ? ago(relative, new Date(at).getTime() - now()) : NOTHING),
  };
}

/** Small sums keep the digits that make them tell. */
function usd(locale: string, value: number): string {
  const digits = value !== 0 && Math.abs(value) < 1 ? 4 : 2;
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: 2,
    maximumFractionDigits: digits,
  }).format(value);
}

function durationOf(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${(ms / 60_000).toFixed(1)} min`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
];

function ago(relative: Intl.RelativeTimeFormat, distanceMs: number): string {
  const [unit, size] = STEPS.find(([, ms]) => Math.abs(distanceMs) >= ms) ?? ['second', 1000];
  return relative.format(Math.round(distanceMs / size), unit);
}
