import { AuditOutlined, DownloadOutlined, SafetyCertificateOutlined } from '@ant-design/icons';
import { Button, DatePicker, Dropdown, type TableColumnsType } from 'antd';
import dayjs from 'dayjs';
import { useState } from 'react';
import { API_ROOT, queryString } from '../../api/client.ts';
import { useList, useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { AuditCheck, AuditRecord } from '../../api/types.ts';
import { CodeBlock } from '../../components/copy.tsx';
import { FilterText } from '../../components/filter.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { Needs, State } from '../../components/states.tsx';
import { Badge } from '../../components/status.tsx';
import { ListTable } from '../../components/table.tsx';
import { At } from '../../components/time.tsx';
import { useFilters } from '../../hooks/use-filters.ts';
import { useFormat } from '../../i18n/format.ts';
import { texts } from '../../i18n/texts.ts';
import { EraseUser } from './erase-user.tsx';

const useText = texts({
  title: ['Audit log', '审计日志'],
  lead: [
    'Who did what. Each record is chained to the one before, so a change would show.',
    '谁做了什么。每条记录与前一条哈希相连，任何篡改都会被发现。',
  ],
  verify: ['Verify the chain', '校验哈希链'],
  whole: [(count: string) => `${count} records, none changed`, (count: string) => `共 ${count} 条记录，未被篡改`],
  broken: [
    (count: string, faults: number) => `${faults} faults in ${count} records`,
    (count: string, faults: number) => `${count} 条记录中有 ${faults} 处异常`,
  ],
  export: ['Export', '导出'],
  erase: ['Erase a person', '删除个人数据'],
  actor: ['Who', '操作人'],
  action: ['Action', '操作'],
  target: ['What', '对象'],
  when: ['When', '时间'],
  tenant: ['Tenant', '租户'],
  hub: ['Hub', '全局'],
  period: ['Period', '时间范围'],
  denied: ['denied', '被拒绝'],
  detail: ['Details', '详情'],
  empty: ['No record matches', '没有符合条件的记录'],
});

export default function AuditPage() {
  const t = useText();
  const { tenant, can } = useSession();
  const [isErasing, setErasing] = useState(false);
  return (
    <Page
      title={t.title}
      lead={t.lead}
      actions={
        can('audit:read') && (
          <>
            <Verify tenant={tenant} />
            <Export />
            {can('audit:write') && (
              <Button danger onClick={() => setErasing(true)}>
                {t.erase}
              </Button>
            )}
          </>
        )
      }
    >
      <Needs action="audit:read">
        <Records />
      </Needs>
      {isErasing && <EraseUser close={() => setErasing(false)} />}
    </Page>
  );
}

/** The log is exported tenant by tenant, as it is chained. */
function Export() {
  const t = useText();
  const { me, tenant, can } = useSession();
  const hrefOf = (owner: string) => `${API_ROOT}/audit/export${queryString({ tenant: owner })}`;
  const owners = [
    ...me.tenants.filter(({ id }) => can('audit:read', id)),
    ...(can('audit:read', '*') ? [{ id: '*', name: t.hub }] : []),
  ];
  const only = tenant ?? (owners.length === 1 ? owners[0]?.id : undefined);
  if (only !== undefined) {
    return (
      <Button icon={<DownloadOutlined aria-hidden />} href={hrefOf(only)} download="audit.jsonl">
        {t.export}
      </Button>
    );
  }
  const items = owners.map(({ id, name }) => ({
    key: id,
    label: (
      <a href={hrefOf(id)} download="audit.jsonl">
        {name}
      </a>
    ),
  }));
  return (
    <Dropdown trigger={['click']} menu={{ items }}>
      <Button icon={<DownloadOutlined aria-hidden />} aria-haspopup="menu">
        {t.export}
      </Button>
    </Dropdown>
  );
}

function Verify({ tenant }: { tenant: string | undefined }) {
  const t = useText();
  const format = useFormat();
  const { send, busy } = useSend();
  const [check, setCheck] = useState<AuditCheck>();
  const run = async () => {
    const sent = await send('POST', '/audit/verify', { body: tenant ? { tenant } : {} });
    if (sent.ok) setCheck(sent.data);
  };
  const count = format.number(check?.records);
  return (
    <>
      {/* Must be there before it speaks; takes no room until then. */}
      <span role="status" style={{ display: 'contents' }}>
        {check &&
          (check.faults.length === 0 ? (
            <Badge tone="good">{t.whole(count)}</Badge>
          ) : (
            <Badge
              tone="bad"
              title={check.faults.map(({ tenant: owner, seq, fault }) => `${owner} #${seq}: ${fault}`).join('\n')}
            >
              {t.broken(count, check.faults.length)}
            </Badge>
          ))}
      </span>
      <Button icon={<SafetyCertificateOutlined aria-hidden />} loading={busy} onClick={() => void run()}>
        {t.verify}
      </Button>
    </>
  );
}

function Records() {
  const t = useText();
  const { tenant } = useSession();
  const [filters, setFilter] = useFilters(['actor', 'action', 'target', 'from', 'to'] as const);
  const list = useList('/audit', { tenant, ...filters });
  const columns: TableColumnsType<AuditRecord> = [
    { title: t.when, key: 'at', render: (_, { at }) => <At at={at} /> },
    { title: t.actor, key: 'actor', dataIndex: 'actor' },
    {
      title: t.action,
      key: 'action',
      render: (_, { action }) => (
        <span className="row nowrap">
          <span className="mono">{action.replace(/\.denied$/, '')}</span>
          {action.endsWith('.denied') && <Badge tone="bad">{t.denied}</Badge>}
        </span>
      ),
    },
    { title: t.target, key: 'target', render: (_, { target }) => <span className="mono">{target}</span> },
    { title: t.tenant, key: 'tenant', render: (_, { tenant: owner }) => (owner === '*' ? t.hub : owner) },
    { title: '#', key: 'seq', dataIndex: 'seq', className: 'num faint', align: 'right' },
  ];
  const hasDetail = ({ detail }: AuditRecord) =>
    typeof detail === 'object' && detail !== null && Object.keys(detail).length > 0;
  return (
    <>
      <search className="filters">
        <FilterText label={t.actor} value={filters.actor} onChange={(value) => setFilter('actor', value)} width={150} />
        <FilterText
          label={t.action}
          value={filters.action}
          onChange={(value) => setFilter('action', value)}
          width={170}
        />
        <FilterText
          label={t.target}
          value={filters.target}
          onChange={(value) => setFilter('target', value)}
          width={220}
        />
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
        <ListTable<AuditRecord>
          of={list}
          rowKey={({ tenant: owner, seq }) => `${owner} ${seq}`}
          columns={columns}
          expandable={{
            rowExpandable: hasDetail,
            expandedRowRender: ({ detail }) => (
              <CodeBlock label={t.detail}>{JSON.stringify(detail, null, 2)}</CodeBlock>
            ),
          }}
          empty={<State icon={<AuditOutlined />} title={t.empty} />}
        />
      </Panel>
    </>
  );
}
