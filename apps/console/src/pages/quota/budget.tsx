import { Link } from 'react-router';
import { seg } from '../../api/client.ts';
import type { Quota } from '../../api/types.ts';
import { Meter } from '../../charts/bars.tsx';
import { Panel } from '../../components/page.tsx';
import { State } from '../../components/states.tsx';
import { Notice } from '../../components/status.tsx';
import { Ago } from '../../components/time.tsx';
import { useFormat } from '../../i18n/format.ts';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  title: ['This month’s budget', '本月预算'],
  of: [
    (spent: string, limit: string) => `${spent} of ${limit}`,
    (spent: string, limit: string) => `${spent} / ${limit}`,
  ],
  reserved: [(sum: string) => `${sum} reserved by questions under way`, (sum: string) => `处理中的问题预留 ${sum}`],
  forecast: ['Forecast for the end of the month', '月底预计'],
  over: [
    (sum: string) => `At this pace the month ends at ${sum}: over the budget.`,
    (sum: string) => `按当前速度，月底将达 ${sum}，超出预算。`,
  ],
  block: ['Then questions are refused.', '届时将拒绝提问。'],
  downgrade: ['Then the cheaper model answers.', '届时改由低价模型回答。'],
  resets: ['Begins anew', '重置于'],
  none: ['No budget is set', '未设置预算'],
  noneWhy: ['Spending is not bounded.', '费用不受限制。'],
  set: ['Set one', '去设置'],
});

export function BudgetPanel({ budget, tenant }: { budget: Quota['budget']; tenant: string }) {
  const t = useText();
  const format = useFormat();
  if (!budget) {
    return (
      <Panel title={t.title}>
        <State title={t.none} action={<Link to={`/tenants/${seg(tenant)}`}>{t.set}</Link>}>
          {t.noneWhy}
        </State>
      </Panel>
    );
  }
  const {
    limit_usd: limit,
    spent_usd: spent,
    reserved_usd: reserved,
    forecast_usd: forecast,
    on_exceeded,
    resets_at,
  } = budget;
  const ratio = limit > 0 ? spent / limit : 1;
  return (
    <Panel title={t.title}>
      <div className="stack">
        <div className="stack tight">
          <div className="row spread">
            <span style={{ fontSize: 24, fontWeight: 620 }} className="num">
              {t.of(format.usd(spent), format.usd(limit))}
            </span>
            <span className="num muted">{format.percent(ratio)}</span>
          </div>
          <Meter ratio={ratio} label={t.title} tone={ratio >= 1 ? 'bad' : ratio >= 0.8 ? 'warn' : 'accent'} />
          {reserved > 0 && <span className="muted small">{t.reserved(format.usd(reserved))}</span>}
        </div>
        {forecast !== null && forecast > limit ? (
          <Notice tone="warn">
            {t.over(format.usd(forecast))} {on_exceeded === 'downgrade' ? t.downgrade : t.block}
          </Notice>
        ) : (
          forecast !== null && (
            <div className="row spread">
              <span className="muted">{t.forecast}</span>
              <span className="num">{format.usd(forecast)}</span>
            </div>
          )
        )}
        <span className="muted small">
          {t.resets} <Ago at={resets_at} />
        </span>
      </div>
    </Panel>
  );
}
