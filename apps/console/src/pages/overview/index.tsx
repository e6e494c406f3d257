import { Segmented } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import { useGet } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { Overview } from '../../api/types.ts';
import { AreaChart } from '../../charts/area.tsx';
import { BarList } from '../../charts/bars.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { PlatformName, usePlatformName } from '../../components/platform.tsx';
import { Loaded, Needs, State } from '../../components/states.tsx';
import { useFormat } from '../../i18n/format.ts';
import { texts } from '../../i18n/texts.ts';
import { AttentionList } from './attention.tsx';
import { Health } from './health.tsx';
import { Stats } from './stats.tsx';
import { Welcome } from './welcome.tsx';

const useText = texts({
  title: ['Overview', '概览'],
  lead: ['How your bots are doing.', '机器人运行情况一览。'],
  period: ['Period', '时间范围'],
  day: ['24 hours', '24 小时'],
  week: ['7 days', '7 天'],
  month: ['30 days', '30 天'],
  messages: ['Messages', '消息'],
  answered: ['All', '全部'],
  failed: ['Failed', '失败'],
  denied: ['Denied', '被拒绝'],
  answerTime: ['Answer time', '响应时间'],
  median: ['Median', '中位数'],
  slow: ['95th percentile', '95 分位'],
  cost: ['Cost', '费用'],
  byPlatform: ['By platform', '按平台'],
  byTenant: ['By tenant', '按租户'],
  nothing: ['Nothing yet', '暂无数据'],
});

const HOURS = { day: 24, week: 168, month: 720 } as const;

export default function OverviewPage() {
  const t = useText();
  const [period, setPeriod] = useState<keyof typeof HOURS>('day');
  return (
    <Page
      title={t.title}
      lead={t.lead}
      actions={
        <Segmented
          aria-label={t.period}
          value={period}
          onChange={setPeriod}
          options={[
            { value: 'day', label: t.day },
            { value: 'week', label: t.week },
            { value: 'month', label: t.month },
          ]}
        />
      }
    >
      <Needs action="overview:read">
        <Content hours={HOURS[period]} />
      </Needs>
    </Page>
  );
}

function Content({ hours }: { hours: number }) {
  const { tenant, can } = useSession();
  const overview = useGet('/overview', { tenant, hours }, { everyMs: 30_000 });
  const channels = useGet('/channels', { tenant }, { enabled: can('channel:read') });
  const isNew = channels.data?.data.items.length === 0;
  return (
    <div className="stack loose">
      {isNew && <Welcome />}
      <Loaded of={overview} rows={12}>
        {(data) => (isNew && data.totals.messages === 0 ? null : <Figures data={data} days={hours > 48} />)}
      </Loaded>
    </div>
  );
}

function Figures({ data, days }: { data: Overview; days: boolean }) {
  const t = useText();
  const format = useFormat();
  const platformName = usePlatformName();
  const { me } = useSession();
  const times = data.series.map(({ at }) => at);
  const tenantName = (id: string) => me.tenants.find((tenant) => tenant.id === id)?.name ?? id;
  const pick = <K extends keyof Overview['series'][number]>(key: K) => data.series.map((point) => point[key]);
  return (
    <>
      <Stats data={data} />
      <AttentionList items={data.attention} />
      <div className="grid halves">
        <Panel title={t.messages}>
          <AreaChart
            label={t.messages}
            times={times}
            days={days}
            show={format.compact}
            series={[
              { name: t.answered, values: pick('messages') },
              { name: t.denied, values: pick('denied'), colour: 2 },
              { name: t.failed, values: pick('failed'), colour: 5 },
            ]}
          />
        </Panel>
        <Panel title={t.answerTime}>
          <AreaChart
            label={t.answerTime}
            times={times}
            days={days}
            show={format.ms}
            series={[
              { name: t.slow, values: pick('p95_ms'), colour: 3 },
              { name: t.median, values: pick('p50_ms'), colour: 1 },
            ]}
          />
        </Panel>
        <Panel title={t.cost}>
          <AreaChart
            label={t.cost}
            times={times}
            days={days}
            show={format.usd}
            height={180}
            series={[{ name: t.cost, values: pick('cost_usd'), colour: 1 }]}
          />
        </Panel>
        <div className="grid" style={{ '--min': '240px' } as React.CSSProperties}>
          <Panel title={t.byPlatform}>
            {data.by_platform.length === 0 ? (
              <State title={t.nothing} />
            ) : (
              <BarList
                bars={data.by_platform.map((row) => ({
                  key: row.platform,
                  name: platformName(row.platform),
                  label: <PlatformName platform={row.platform} />,
                  value: row.messages,
                  shown: `${format.compact(row.messages)} · ${format.percent(row.success_ratio)}`,
                }))}
              />
            )}
          </Panel>
          <Panel title={t.byTenant}>
            {data.by_tenant.length === 0 ? (
              <State title={t.nothing} />
            ) : (
              <BarList
                bars={data.by_tenant.map((row) => ({
                  key: row.tenant,
                  name: tenantName(row.tenant),
                  label: <Link to={`/tenants/${row.tenant}`}>{tenantName(row.tenant)}</Link>,
                  value: row.messages,
                  shown: `${format.compact(row.messages)} · ${format.usd(row.cost_usd)}`,
                }))}
              />
            )}
          </Panel>
        </div>
      </div>
      <Health />
    </>
  );
}
