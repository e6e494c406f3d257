import { BankOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, type TableColumnsType } from 'antd';
import { Link, useNavigate } from 'react-router';
import { seg } from '../../api/client.ts';
import { useList } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { TenantEntry } from '../../api/types.ts';
import { OriginBadge } from '../../components/origin.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { Needs, State } from '../../components/states.tsx';
import { Badge } from '../../components/status.tsx';
import { ListTable } from '../../components/table.tsx';
import { useFormat } from '../../i18n/format.ts';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  title: ['Tenants', '租户'],
  lead: [
    'Each has its own bots, models, quota, budget and records; none sees another’s.',
    '每个租户拥有独立的机器人、模型、配额、预算与记录，互不可见。',
  ],
  add: ['Add a tenant', '添加租户'],
  name: ['Name', '名称'],
  models: ['Models, in order', '模型（按顺序）'],
  budget: ['Monthly budget', '每月预算'],
  prompt: ['Instructions', '系统提示词'],
  none: ['none', '无'],
  set: ['set', '已设置'],
  origin: ['Origin', '来源'],
  empty: ['No tenant yet', '还没有租户'],
});

export default function TenantsPage() {
  const t = useText();
  const { can } = useSession();
  const navigate = useNavigate();
  return (
    <Page
      title={t.title}
      lead={t.lead}
      actions={
        can('tenant:write') && (
          <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => void navigate('/tenants/new')}>
            {t.add}
          </Button>
        )
      }
    >
      <Needs action="tenant:read">
        <Tenants />
      </Needs>
    </Page>
  );
}

function Tenants() {
  const t = useText();
  const format = useFormat();
  const list = useList('/tenants');
  const columns: TableColumnsType<TenantEntry> = [
    {
      title: t.name,
      key: 'name',
      render: (_, { id, config }) => (
        <span>
          <Link to={`/tenants/${seg(id)}`}>{config.name ?? id}</Link>{' '}
          {config.name && <span className="mono faint">{id}</span>}
        </span>
      ),
    },
    {
      title: t.models,
      key: 'models',
      render: (_, { config: { models = [] } }) =>
        models.length === 0 ? (
          <span className="muted">{t.none}</span>
        ) : (
          <span className="row nowrap">
            {models.slice(0, 4).map((model) => (
              <Badge key={model}>{model}</Badge>
            ))}
          </span>
        ),
    },
    {
      title: t.budget,
      key: 'budget',
      align: 'right',
      className: 'num',
      render: (_, { config: { budget } }) =>
        budget ? format.usd(budget.monthly_usd) : <span className="muted">{t.none}</span>,
    },
    {
      title: t.prompt,
      key: 'prompt',
      render: (_, { config }) => (config.system_prompt ? t.set : <span className="muted">{t.none}</span>),
    },
    { title: t.origin, key: 'origin', render: (_, { origin }) => <OriginBadge origin={origin} /> },
  ];
  return (
    <Panel flush>
      <ListTable<TenantEntry>
        of={list}
        rowKey="id"
        columns={columns}
        empty={<State icon={<BankOutlined />} title={t.empty} />}
      />
    </Panel>
  );
}
