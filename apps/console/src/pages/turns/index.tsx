import { DatePicker } from 'antd';
import dayjs from 'dayjs';
import { useList } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import { PLATFORMS } from '../../api/types.ts';
import { FilterChoice, FilterText } from '../../components/filter.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { usePlatformName } from '../../components/platform.tsx';
import { Needs } from '../../components/states.tsx';
import { useFilters } from '../../hooks/use-filters.ts';
import { texts } from '../../i18n/texts.ts';
import { useTurnStatus } from './status.tsx';
import { TurnTable } from './turn-table.tsx';

const useText = texts({
  title: ['Turns', '问答记录'],
  lead: [
    'Every question and what became of it. Open one to see why it was or was not answered.',
    '每个问题及其结果。点开即可查看为什么回答或没有回答。',
  ],
  status: ['Outcome', '结果'],
  platform: ['Platform', '平台'],
  channel: ['Channel', '渠道'],
  model: ['Model', '模型'],
  user: ['User', '用户'],
  code: ['Error code', '错误码'],
  id: ['Begins with id', '编号开头'],
  slow: ['Slower than', '用时超过'],
  seconds: [(n: number) => `slower than ${n} s`, (n: number) => `超过 ${n} 秒`],
  period: ['Period', '时间范围'],
});

const KEYS = [
  'status',
  'platform',
  'channel',
  'model',
  'user',
  'error_code',
  'q',
  'min_response_ms',
  'from',
  'to',
  'conversation',
] as const;

export default function TurnsPage() {
  const t = useText();
  return (
    <Page title={t.title} lead={t.lead}>
      <Needs action="turn:read">
        <Turns />
      </Needs>
    </Page>
  );
}

function Turns() {
  const t = useText();
  const { tenant } = useSession();
  const statusName = useTurnStatus();
  const platformName = usePlatformName();
  const [filters, setFilter] = useFilters(KEYS);
  const list = useList('/turns', { tenant, ...filters });
  return (
    <>
      <search className="filters">
        <FilterChoice
          label={t.status}
          value={filters.status}
          onChange={(value) => setFilter('status', value)}
          options={['success', 'denied', 'failed'].map((value) => ({ value, label: statusName(value) }))}
        />
        <FilterChoice
          label={t.platform}
          value={filters.platform}
          onChange={(value) => setFilter('platform', value)}
          options={[...PLATFORMS, 'api'].map((value) => ({ value, label: platformName(value) }))}
        />
        <FilterChoice
          label={t.slow}
          value={filters.min_response_ms}
          onChange={(value) => setFilter('min_response_ms', value)}
          options={[2, 5, 10, 30].map((n) => ({ value: String(n * 1000), label: t.seconds(n) }))}
        />
        <FilterText
          label={t.channel}
          value={filters.channel}
          onChange={(value) => setFilter('channel', value)}
          width={140}
        />
        <FilterText label={t.model} value={filters.model} onChange={(value) => setFilter('model', value)} width={130} />
        <FilterText label={t.user} value={filters.user} onChange={(value) => setFilter('user', value)} width={140} />
        <FilterText
          label={t.code}
          value={filters.error_code}
          onChange={(value) => setFilter('error_code', value)}
          width={150}
        />
        <FilterText label={t.id} value={filters.q} onChange={(value) => setFilter('q', value)} width={150} />
        <DatePicker.RangePicker
          aria-label={t.period}
          allowEmpty
          value={[filters.from ? dayjs(filters.from) : null, filters.to ? dayjs(filters.to) : null]}
          onChange={(range) => {
            setFilter('from', range?.[0]?.startOf('day').toISOString());
            setFilter('to', range?.[1]?.endOf('day').toISOString());
          }}
        />
      </search>
      <Panel flush>
        <TurnTable of={list} />
      </Panel>
    </>
  );
}
