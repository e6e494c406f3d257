import { type KeyboardEvent, type PointerEvent, useId, useState } from 'react';
import { useFormat } from '../i18n/format.ts';
import { texts } from '../i18n/texts.ts';
import { useSeriesColours } from '../theme/preferences.tsx';
import { areaPath, linePath, lonePoints, niceTop, type Point } from './scale.ts';
import { useWidth } from './use-width.ts';

export interface Series {
  name: string;
  values: readonly (number | null)[];
  /** Place in the palette; by default its own place. */
  colour?: number;
}

interface AreaProps {
  label: string;
  times: readonly string[];
  series: readonly Series[];
  show: (value: number | null) => string;
  height?: number;
  /** Days instead of hours below the axis. */
  days?: boolean;
}

const useText = texts({
  help: ['Arrow keys read the values.', '使用方向键查看数值。'],
  table: ['Values', '数值'],
});

const LEFT = 52;
const BOTTOM = 22;
const TOP = 10;

/** Lines over time with a filled first series. Pointer and arrow keys read values; screen readers get the last ones. */
export function AreaChart({ label, times, series, show, height = 220, days = false }: AreaProps) {
  const t = useText();
  const format = useFormat();
  const colours = useSeriesColours();
  const gradient = useId();
  const [box, width] = useWidth();
  const [at, setAt] = useState<number>();
  const top = niceTop(Math.max(0, ...series.flatMap(({ values }) => values.map((value) => value ?? 0))));
  const count = times.length;
  const x = (index: number) => LEFT + (count < 2 ? 0 : (index / (count - 1)) * (width - LEFT - 8));
  const y = (value: number) => TOP + (1 - value / top) * (height - TOP - BOTTOM);
  const pointsOf = (values: readonly (number | null)[]): (Point | undefined)[] =>
    values.map((value, index) => (value === null ? undefined : [x(index), y(value)]));
  const colourOf = (index: number) => colours[(series[index]?.colour ?? index) % colours.length] ?? 'currentColor';
  const when = (index: number) => (days ? format.day(times[index]) : format.clock(times[index]));

  const follow = (event: PointerEvent<SVGSVGElement>) => {
    const { left } = event.currentTarget.getBoundingClientRect();
    const ratio = (event.clientX - left - LEFT) / Math.max(1, width - LEFT - 8);
    setAt(Math.min(count - 1, Math.max(0, Math.round(ratio * (count - 1)))));
  };
  const step = (event: KeyboardEvent) => {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (move === undefined) return;
    event.preventDefault();
    setAt((now) => Math.min(count - 1, Math.max(0, (now ?? count - 1) + move)));
  };
  const every = Math.max(1, Math.ceil(count / Math.max(2, Math.floor(width / 90))));
  const spoken = series.map(({ name, values }) => `${name}: ${show(values[at ?? count - 1] ?? null)}`).join(', ');

  return (
    <div className="stack tight">
      {series.length > 1 && (
        <div className="legend" aria-hidden>
          {series.map(({ name }, index) => (
            <span key={name}>
              <span className="swatch" style={{ background: colourOf(index) }} />
              {name}
            </span>
          ))}
        </div>
      )}
      <div className="chart" ref={box}>
        <svg
          height={height}
          role="img"
          aria-label={`${label}. ${count > 0 ? `${when(at ?? count - 1)} – ${spoken}.` : ''} ${t.help}`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys read the values
          tabIndex={0}
          onPointerMove={follow}
          onPointerLeave={() => setAt(undefined)}
          onBlur={() => setAt(undefined)}
          onKeyDown={step}
        >
          <defs>
            <linearGradient id={gradient} x1="0" x2="0" y1="0" y2="1">
              <stop offset="0" stopColor={colourOf(0)} stopOpacity="0.22" />
              <stop offset="1" stopColor={colourOf(0)} stopOpacity="0" />
            </linearGradient>
          </defs>
          {[0, 0.5, 1].map((part) => (
            <g key={part}>
              <line className="grid-line" x1={LEFT} x2={width} y1={y(top * part)} y2={y(top * part)} />
              <text x={LEFT - 8} y={y(top * part) + 4} textAnchor="end">
                {show(top * part)}
              </text>
            </g>
          ))}
          {times.map((time, index) =>
            index % every === 0 ? (
              <text key={time} x={x(index)} y={height - 4} textAnchor={index === 0 ? 'start' : 'middle'}>
                {when(index)}
              </text>
            ) : null,
          )}
          {series.map(({ name, values }, index) => (
            <g key={name}>
              {index === 0 && <path d={areaPath(pointsOf(values), y(0))} fill={`url(#${gradient})`} />}
              <path
                d={linePath(pointsOf(values))}
                fill="none"
                stroke={colourOf(index)}
                strokeWidth="2"
                strokeLinejoin="round"
              />
              {lonePoints(pointsOf(values)).map(([cx, cy]) => (
                <circle key={cx} cx={cx} cy={cy} r="3.5" fill={colourOf(index)} />
              ))}
            </g>
          ))}
          {at !== undefined && (
            <>
              <line x1={x(at)} x2={x(at)} y1={TOP} y2={height - BOTTOM} stroke="var(--p-borderStrong)" />
              {series.map(({ name, values }, index) => {
                const value = values[at];
                return value === null || value === undefined ? null : (
                  <circle
                    key={name}
                    cx={x(at)}
                    cy={y(value)}
                    r="4"
                    fill={colourOf(index)}
                    stroke="var(--p-surface)"
                    strokeWidth="2"
                  />
                );
              })}
            </>
          )}
        </svg>
        {at !== undefined && (
          <div className="chart-tip" style={x(at) > width / 2 ? { right: width - x(at) + 12 } : { left: x(at) + 12 }}>
            <div className="faint">{days ? format.day(times[at]) : format.time(times[at])}</div>
            {series.map(({ name, values }, index) => (
              <div key={name} className="row nowrap spread">
                <span>
                  <span className="swatch" style={{ background: colourOf(index) }} />
                  {name}
                </span>
                <strong className="num">{show(values[at] ?? null)}</strong>
              </div>
            ))}
          </div>
        )}
      </div>
    </div>
  );
}
