import type { Overview, Totals } from '../../api/types.ts';
import { Sparkline } from '../../charts/bars.tsx';
import { useFormat } from '../../i18n/format.ts';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  messages: ['Messages', '消息数'],
  success: ['Answered', '成功率'],
  time: ['Answer time, 95 %', '响应时间（95 分位）'],
  cost: ['Cost', '费用'],
  tokens: ['tokens', 'token'],
  queue: ['Waiting', '排队'],
  oldest: [(age: string) => `oldest for ${age}`, (age: string) => `最久 ${age}`],
  idle: ['nothing waits', '无等待'],
  before: [(change: string) => `${change} against the period before`, (change: string) => `较上一周期 ${change}`],
  percentiles: [
    (p50: string, p99: string) => `half within ${p50}, 99 % within ${p99}`,
    (p50: string, p99: string) => `50% 在 ${p50} 内，99% 在 ${p99} 内`,
  ],
});

/** The period in five numbers. */
export function Stats({ data }: { data: Overview }) {
  const t = useText();
  const format = useFormat();
  const { totals, previous, queue, series } = data;
  const change = (key: keyof Totals, lessIsBetter = false) => {
    const now = totals[key];
    const then = previous[key];
    if (!now || !then) return null;
    const ratio = now / then - 1;
    if (Math.abs(ratio) < 0.005) return null;
    const isGood = ratio < 0 === lessIsBetter;
    return (
      <div className={`delta ${isGood ? 'good' : 'bad'}`}>
        {t.before(`${ratio > 0 ? '+' : '−'}${format.percent(Math.abs(ratio))}`)}
      </div>
    );
  };
  return (
    <div className="grid" style={{ '--min': '170px' } as React.CSSProperties}>
      <div className="card stat">
        <div className="label">{t.messages}</div>
        <div className="value">{format.compact(totals.messages)}</div>
        {change('messages')}
        <Sparkline values={series.map(({ messages }) => messages)} />
      </div>
      <div className="card stat">
        <div className="label">{t.success}</div>
        <div className="value">{format.percent(totals.success_ratio)}</div>
        {change('success_ratio')}
      </div>
      <div className="card stat">
        <div className="label">{t.time}</div>
        <div className="value">{format.ms(totals.p95_ms)}</div>
        <div className="delta muted">{t.percentiles(format.ms(totals.p50_ms), format.ms(totals.p99_ms))}</div>
        {change('p95_ms', true)}
      </div>
      <div className="card stat">
        <div className="label">{t.cost}</div>
        <div className="value">{format.usd(totals.cost_usd)}</div>
        <div className="delta muted">
          {format.compact(totals.tokens_in)} → {format.compact(totals.tokens_out)} {t.tokens}
        </div>
      </div>
      <div className="card stat">
        <div className="label">{t.queue}</div>
        <div className="value">{format.number(queue.waiting)}</div>
        <div className="delta muted">{queue.oldest_ms === null ? t.idle : t.oldest(format.ms(queue.oldest_ms))}</div>
      </div>
    </div>
  );
}
