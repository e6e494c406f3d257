import type { ReactNode } from 'react';
import type { Tone } from '../components/status.tsx';

/** How much of something is used up, as a bar. */
export function Meter({ ratio, label, tone = 'accent' }: { ratio: number; label: string; tone?: Tone }) {
  const percent = Math.round(Math.min(1, Math.max(0, ratio)) * 100);
  return (
    // biome-ignore lint/a11y/useSemanticElements: <meter> cannot be styled alike in all browsers
    <div
      className={`meter is-${tone}`}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <span style={{ width: `${percent}%` }} />
    </div>
  );
}

export interface Bar {
  key: string;
  label: ReactNode;
  value: number;
  shown: ReactNode;
  /** For screen readers, where `label` is not text. */
  name: string;
}

/** Values by size, the largest fills the width. */
export function BarList({ bars }: { bars: readonly Bar[] }) {
  const top = Math.max(...bars.map(({ value }) => value), 0) || 1;
  return (
    <ul className="bar-list">
      {bars.map(({ key, label, value, shown, name }) => (
        <li key={key} className="stack tight">
          <div className="row spread">
            <span>{label}</span>
            <span className="num">{shown}</span>
          </div>
          <Meter ratio={value / top} label={name} />
        </li>
      ))}
    </ul>
  );
}

/** A line without axes, for the corner of a card. Decoration: the numbers stand beside it. */
export function Sparkline({ values, colour = 'var(--p-accent)' }: { values: readonly number[]; colour?: string }) {
  const top = Math.max(...values, 1);
  const points = values.map(
    (value, index) => `${(index / Math.max(1, values.length - 1)) * 100},${30 - (value / top) * 28}`,
  );
  return (
    <svg viewBox="0 0 100 32" width="100%" height="32" preserveAspectRatio="none" aria-hidden focusable="false">
      <polyline
        points={points.join(' ')}
        fill="none"
        stroke={colour}
        strokeWidth="1.5"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
