import { DeploymentUnitOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, type TableColumnsType } from 'antd';
import type { ReactNode } from 'react';
import { Link, useNavigate } from 'react-router';
import { useList } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { ModelEntry } from '../../api/types.ts';
import { OriginBadge } from '../../components/origin.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { Needs, State } from '../../components/states.tsx';
import { Badge, Status } from '../../components/status.tsx';
import { ListTable } from '../../components/table.tsx';
import { useFormat } from '../../i18n/format.ts';
import { texts } from '../../i18n/texts.ts';
import { FallbackOrder } from './fallback-order.tsx';
import { useModelHealth } from './health.ts';
import { PROVIDER_FACTS } from './providers.ts';

const useText = texts({
  title: ['Models', '模型'],
  lead: [
    'Which models there are, how they do, and in which order each tenant asks them.',
    '可用模型、运行状况，以及各租户的调用顺序。',
  ],
  add: ['Add a model', '添加模型'],
  model: ['Model', '模型'],
  provider: ['Provider', '提供商'],
  state: ['State', '状态'],
  ttft: ['To first token', '首 token 时间'],
  keys: ['Keys', '密钥'],
  usedBy: ['Used by', '使用租户'],
  price: ['Price, in / out', '价格（输入 / 输出）'],
  perMillion: ['USD per million tokens', '美元 / 百万 token'],
  origin: ['Origin', '来源'],
  empty: ['No model yet', '还没有模型'],
  emptyWhy: [
    'Without one, the built-in echo model repeats the question.',
    '没有模型时，由内置的 echo 模型原样复述问题。',
  ],
});

export default function ModelsPage() {
  const t = useText();
  const { can } = useSession();
  const navigate = useNavigate();
  const add = can('model:write') && (
    <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => void navigate('/models/new')}>
      {t.add}
    </Button>
  );
  return (
    <Page title={t.title} lead={t.lead} actions={add}>
      <Needs action="model:read">
        <div className="stack loose">
          <ModelTable add={add} />
          {can('tenant:read') && <FallbackOrder />}
        </div>
      </Needs>
    </Page>
  );
}

function ModelTable({ add }: { add: ReactNode }) {
  const t = useText();
  const format = useFormat();
  const health = useModelHealth();
  const list = useList('/models', {}, { everyMs: 15_000 });
  const columns: TableColumnsType<ModelEntry> = [
    { title: t.model, key: 'id', render: (_, { id }) => <Link to={`/models/${encodeURIComponent(id)}`}>{id}</Link> },
    {
      title: t.provider,
      key: 'provider',
      render: (_, { config }) => PROVIDER_FACTS[config.provider]?.name ?? config.provider,
    },
    {
      title: t.state,
      key: 'state',
      render: (_, { status }) => {
        const { tone, label } = health(status);
        return <Status tone={tone}>{label}</Status>;
      },
    },
    {
      title: t.ttft,
      key: 'ttft',
      align: 'right',
      className: 'num',
      render: (_, { status }) => format.ms(health(status).ttftMs),
    },
    { title: t.keys, key: 'keys', align: 'right', className: 'num', render: (_, { status }) => status.keys.length },
    {
      title: t.usedBy,
      key: 'used',
      render: (_, { status }) => (
        <span className="row nowrap">
          {status.used_by.slice(0, 3).map((tenant) => (
            <Badge key={tenant}>{tenant}</Badge>
          ))}
          {status.used_by.length > 3 && <Badge>+{status.used_by.length - 3}</Badge>}
        </span>
      ),
    },
    {
      title: <span title={t.perMillion}>{t.price}</span>,
      key: 'price',
      align: 'right',
      className: 'num',
      render: (_, { config: { price } }) => (price ? `${format.usd(price.input)} / ${format.usd(price.output)}` : '–'),
    },
    { title: t.origin, key: 'origin', render: (_, { origin }) => <OriginBadge origin={origin} /> },
  ];
  return (
    <Panel flush>
      <ListTable<ModelEntry>
        of={list}
        rowKey="id"
        columns={columns}
        empty={
          <State icon={<DeploymentUnitOutlined />} title={t.empty} action={add}>
            {t.emptyWhy}
          </State>
        }
      />
    </Panel>
  );
}
