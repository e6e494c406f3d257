import { Form, Input } from 'antd';
import { useState } from 'react';
import { useGet } from '../../api/hooks.ts';
import type { Quota } from '../../api/types.ts';
import { AreaChart } from '../../charts/area.tsx';
import { Meter } from '../../charts/bars.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { usePlatformName } from '../../components/platform.tsx';
import { Loaded, Needs, State } from '../../components/states.tsx';
import { TenantChoice } from '../../components/tenant-choice.tsx';
import { Ago } from '../../components/time.tsx';
import { useOneTenant } from '../../hooks/use-one-tenant.ts';
import { useFormat } from '../../i18n/format.ts';
import { texts } from '../../i18n/texts.ts';
import { BudgetPanel } from './budget.tsx';
import { RaisePanel } from './raise.tsx';

const useText = texts({
  title: ['Quota & budgets', '配额与预算'],
  lead: ['What is used, what is left, and where the month will end.', '已用多少、剩余多少，以及月底预计。'],
  user: ['A user’s pseudonym', '用户假名'],
  limits: ['Limits', '限额'],
  limitsHint: ['Set them on the tenant’s page.', '在租户页面中设置。'],
  none: ['No limits are set', '未设置限额'],
  noneWhy: ['Anybody may ask as much as the budget allows.', '在预算范围内不限制请求。'],
  requests: ['requests', '请求'],
  tokens: ['tokens', 'token'],
  minute: ['a minute', '每分钟'],
  hour: ['an hour', '每小时'],
  day: ['a day', '每天'],
  month: ['a month', '每月'],
  level_tenant: ['Tenant', '租户'],
  level_user: ['User', '用户'],
  level_model: ['Model', '模型'],
  level_platform: ['Platform', '平台'],
  level_group: ['Group', '群聊'],
  level_api_key: ['API key', 'API 密钥'],
  resets: ['resets', '重置于'],
  history: ['Cost a day', '每日费用'],
  cost: ['Cost', '费用'],
});

export default function QuotaPage() {
  const t = useText();
  const [user, setUser] = useState<string>();
  const [current, choose] = useOneTenant();
  return (
    <Page
      title={t.title}
      lead={t.lead}
      actions={
        <>
          <TenantChoice value={current} onChange={choose} />
          <Form layout="inline">
            <Input.Search
              aria-label={t.user}
              placeholder={t.user}
              allowClear
              onSearch={(value) => setUser(value.trim() || undefined)}
              style={{ width: 220 }}
            />
          </Form>
        </>
      }
    >
      <Needs action="quota:read">{current && <Content tenant={current} user={user} />}</Needs>
    </Page>
  );
}

function Content({ tenant, user }: { tenant: string; user: string | undefined }) {
  const t = useText();
  const format = useFormat();
  const quota = useGet('/quota', { tenant, user }, { everyMs: 10_000 });
  return (
    <Loaded of={quota} rows={10}>
      {(data) => (
        <div className="stack">
          <div className="grid halves">
            <BudgetPanel budget={data.budget} tenant={tenant} />
            <RaisePanel raise={data.raise} tenant={tenant} />
          </div>
          <Panel title={t.limits} hint={t.limitsHint}>
            {data.limits.every(isOwnBudget) ? (
              <State title={t.none}>{t.noneWhy}</State>
            ) : (
              <Limits limits={data.limits.filter((limit) => !isOwnBudget(limit))} />
            )}
          </Panel>
          <Panel title={t.history}>
            <AreaChart
              label={t.history}
              days
              times={data.history.map(({ day }) => day)}
              show={format.usd}
              series={[{ name: t.cost, values: data.history.map(({ cost_usd }) => cost_usd), colour: 1 }]}
            />
          </Panel>
        </div>
      )}
    </Loaded>
  );
}

/** The tenant's own budget stands above, with more about it. */
const isOwnBudget = ({ level, unit }: Quota['limits'][number]) => level === 'tenant' && unit === 'usd';

function Limits({ limits }: Pick<Quota, 'limits'>) {
  const t = useText();
  const format = useFormat();
  const platformName = usePlatformName();
  return (
    <div className="grid" style={{ '--min': '300px', gap: '20px 32px' } as React.CSSProperties}>
      {limits.map(({ level, name = '', window, unit, limit, used, reset_at }) => {
        const ratio = limit > 0 ? used / limit : 1;
        const title = `${t[`level_${level}`]} ${level === 'platform' ? platformName(name) : name}`.trim();
        const amount = unit === 'usd' ? format.usd : format.compact;
        const each = unit === 'usd' ? t[window] : `${t[unit]} ${t[window]}`;
        return (
          <div key={`${level} ${name} ${window} ${unit}`} className="stack tight">
            <div className="row spread">
              <strong>{title}</strong>
              <span className="num">
                {amount(used)} / {amount(limit)} <span className="muted">{each}</span>
              </span>
            </div>
            <Meter
              ratio={ratio}
              label={`${title}: ${each}`}
              tone={ratio >= 1 ? 'bad' : ratio >= 0.8 ? 'warn' : 'accent'}
            />
            <span className="muted small">
              {t.resets} <Ago at={reset_at} />
            </span>
          </div>
        );
      })}
    </div>
  );
}
