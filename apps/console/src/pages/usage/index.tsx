import { DownloadOutlined } from '@ant-design/icons';
import { Button, DatePicker, Select, Table, type TableColumnsType } from 'antd';
import dayjs, { type Dayjs } from 'dayjs';
import { useState } from 'react';
import { API_ROOT, queryString } from '../../api/client.ts';
import { useGet } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { Usage, UsageRow } from '../../api/types.ts';
import { AreaChart } from '../../charts/area.tsx';
import { BarList } from '../../charts/bars.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { Loaded, Needs, State } from '../../components/states.tsx';
import { useFormat } from '../../i18n/format.ts';
import { texts } from '../../i18n/texts.ts';
import { chartOf } from './chart-data.ts';

const useText = texts({
  title: ['Usage & cost', '用量与费用'],
  lead: ['Who uses what, and what it costs.', '谁在使用、用了多少、花了多少。'],
  group: ['Group by', '分组'],
  second: ['then by', '再按'],
  day: ['Day', '日期'],
  tenant: ['Tenant', '租户'],
  model: ['Model', '模型'],
  user: ['User', '用户'],
  channel: ['Channel', '渠道'],
  period: ['Period', '时间范围'],
  csv: ['Download CSV', '下载 CSV'],
  requests: ['Requests', '请求数'],
  input: ['Tokens in', '输入 token'],
  output: ['Tokens out', '输出 token'],
  cached: ['Cached', '缓存 token'],
  cost: ['Cost', '费用'],
  total: ['Total', '合计'],
  last: [(n: number) => `Last ${n} days`, (n: number) => `最近 ${n} 天`],
  empty: ['Nothing was used in this period', '该时间段内没有用量'],
});

const DIMENSIONS = ['day', 'tenant', 'model', 'user', 'channel'] as const;
type Dimension = (typeof DIMENSIONS)[number];

export default function UsagePage() {
  const t = useText();
  const { tenant } = useSession();
  const [first, setFirst] = useState<Dimension>('day');
  const [second, setSecond] = useState<Dimension | ''>('model');
  const [range, setRange] = useState<[Dayjs, Dayjs]>(() => [
    dayjs().subtract(13, 'day').startOf('day'),
    dayjs().endOf('day'),
  ]);
  const by = [first, ...(second && second !== first ? [second] : [])];
  const query = { tenant, from: range[0].toISOString(), to: range[1].toISOString(), group_by: by.join(',') };
  return (
    <Page
      title={t.title}
      lead={t.lead}
      actions={
        <Button
          icon={<DownloadOutlined aria-hidden />}
          href={`${API_ROOT}/usage.csv${queryString(query)}`}
          download="usage.csv"
        >
          {t.csv}
        </Button>
      }
    >
      <Needs action="usage:read">
        <div className="filters">
          <Select
            aria-label={t.group}
            value={first}
            onChange={setFirst}
            prefix={t.group}
            options={DIMENSIONS.map((value) => ({ value, label: t[value] }))}
            popupMatchSelectWidth={false}
          />
          <Select
            aria-label={t.second}
            value={second}
            onChange={setSecond}
            prefix={t.second}
            popupMatchSelectWidth={false}
            options={[
              { value: '', label: '–' },
              ...DIMENSIONS.filter((value) => value !== first).map((value) => ({ value, label: t[value] })),
            ]}
          />
          <DatePicker.RangePicker
            aria-label={t.period}
            allowClear={false}
            value={range}
            maxDate={dayjs().endOf('day')}
            presets={[7, 14, 30, 90].map((n) => ({
              label: t.last(n),
              value: [
                dayjs()
                  .subtract(n - 1, 'day')
                  .startOf('day'),
                dayjs().endOf('day'),
              ],
            }))}
            onChange={(next) => {
              if (next?.[0] && next[1]) setRange([next[0].startOf('day'), next[1].endOf('day')]);
            }}
          />
        </div>
        <Report query={query} by={by} period={[dayOf(range[0]), dayOf(range[1])]} />
      </Needs>
    </Page>
  );
}

const dayOf = (at: Dayjs) => at.format('YYYY-MM-DD');
type Period = readonly [first: string, last: string];

interface ReportProps {
  query: Record<string, string | undefined>;
  by: Dimension[];
  period: Period;
}

function Report({ query, by, period }: ReportProps) {
  const usage = useGet('/usage', query);
  const t = useText();
  return (
    <Loaded of={usage} rows={10}>
      {(data) =>
        data.rows.length === 0 ? (
          <div className="card">
            <State title={t.empty} />
          </div>
        ) : (
          <div className="stack">
            <Panel title={t.cost}>
              <Chart usage={data} by={by} period={period} />
            </Panel>
            <Rows usage={data} by={by} />
          </div>
        )
      }
    </Loaded>
  );
}

function Chart({ usage, by, period }: { usage: Usage; by: Dimension[]; period: Period }) {
  const t = useText();
  const format = useFormat();
  if (by.includes('day')) {
    const other = by.find((dimension) => dimension !== 'day');
    const { days, series } = chartOf(usage.rows, other, period);
    return (
      <AreaChart
        label={t.cost}
        days
        times={days}
        show={format.usd}
        series={series.map(({ name, values }) => ({ name: name || t.cost, values }))}
      />
    );
  }
  const nameOf = (row: UsageRow) => by.map((dimension) => row[dimension] ?? '–').join(' · ');
  const top = [...usage.rows].sort((a, b) => b.cost_usd - a.cost_usd).slice(0, 10);
  return (
    <BarList
      bars={top.map((row) => ({
        key: nameOf(row),
        name: nameOf(row),
        label: nameOf(row),
        value: row.cost_usd,
        shown: format.usd(row.cost_usd),
      }))}
    />
  );
}

function Rows({ usage, by }: { usage: Usage; by: Dimension[] }) {
  const t = useText();
  const format = useFormat();
  const number = (
    key: 'requests' | 'tokens_in' | 'tokens_out' | 'cached_tokens',
    title: string,
  ): TableColumnsType<UsageRow>[number] => ({
    title,
    key,
    align: 'right',
    className: 'num',
    sorter: (a, b) => a[key] - b[key],
    render: (_, row) => format.compact(row[key]),
  });
  const columns: TableColumnsType<UsageRow> = [
    ...by.map((dimension): TableColumnsType<UsageRow>[number] => ({
      title: t[dimension],
      key: dimension,
      className: dimension === 'user' ? 'mono' : '',
      sorter: (a, b) => (a[dimension] ?? '').localeCompare(b[dimension] ?? ''),
      render: (_, row) => row[dimension] ?? '–',
    })),
    number('requests', t.requests),
    number('tokens_in', t.input),
    number('tokens_out', t.output),
    number('cached_tokens', t.cached),
    {
      title: t.cost,
      key: 'cost',
      align: 'right',
      className: 'num',
      sorter: (a, b) => a.cost_usd - b.cost_usd,
      render: (_, row) => format.usd(row.cost_usd),
    },
  ];
  const { totals } = usage;
  return (
    <Panel flush>
      <DataTable<UsageRow>
        columns={columns}
        dataSource={usage.rows}
        rowKey={(row) => by.map((dimension) => row[dimension]).join(' ')}
        pagination={usage.rows.length > 50 ? { pageSize: 50, showSizeChanger: false } : false}
        summary={() => (
          <Table.Summary.Row>
            <Table.Summary.Cell index={0} colSpan={by.length}>
              <strong>{t.total}</strong>
            </Table.Summary.Cell>
            {[totals.requests, totals.tokens_in, totals.tokens_out, totals.cached_tokens].map((value, index) => (
              <Table.Summary.Cell key={index} index={by.length + index} align="right">
                <span className="num">{format.compact(value)}</span>
              </Table.Summary.Cell>
            ))}
            <Table.Summary.Cell index={by.length + 4} align="right">
              <strong className="num">{format.usd(totals.cost_usd)}</strong>
            </Table.Summary.Cell>
          </Table.Summary.Row>
        )}
      />
    </Panel>
  );
}
