import { NodeIndexOutlined } from '@ant-design/icons';
import type { TableColumnsType } from 'antd';
import { Link } from 'react-router';
import { seg } from '../../api/client.ts';
import type { List } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { TurnRow } from '../../api/types.ts';
import { PlatformName } from '../../components/platform.tsx';
import { State } from '../../components/states.tsx';
import { ListTable } from '../../components/table.tsx';
import { Ago } from '../../components/time.tsx';
import { useFormat } from '../../i18n/format.ts';
import { texts } from '../../i18n/texts.ts';
import { TurnStatus } from './status.tsx';

const useText = texts({
  turn: ['Turn', '问答'],
  when: ['When', '时间'],
  status: ['Outcome', '结果'],
  where: ['Where', '平台'],
  tenant: ['Tenant', '租户'],
  model: ['Model', '模型'],
  user: ['User', '用户'],
  took: ['Took', '用时'],
  tokens: ['Tokens', 'Token'],
  cost: ['Cost', '费用'],
  empty: ['No turn matches', '没有符合条件的记录'],
  emptyWhy: ['Loosen the filters, or write to a bot.', '请放宽筛选条件，或给机器人发条消息。'],
});

/** As much of an id as tells turns apart, and as its own page shows. */
export const SHOWN_OF_ID = 14;

export function TurnTable({ of }: { of: List<TurnRow> }) {
  const t = useText();
  const format = useFormat();
  const { tenant } = useSession();
  const columns: TableColumnsType<TurnRow> = [
    {
      title: t.turn,
      key: 'id',
      render: (_, { id }) => (
        <Link to={`/turns/${seg(id)}`} className="mono clip" title={id}>
          {id.slice(0, SHOWN_OF_ID)}
        </Link>
      ),
    },
    { title: t.when, key: 'at', render: (_, { created_at }) => <Ago at={created_at} /> },
    {
      title: t.status,
      key: 'status',
      render: (_, { status, error_code }) => (
        <span>
          <TurnStatus status={status} /> {error_code && <span className="mono faint">{error_code}</span>}
        </span>
      ),
    },
    { title: t.where, key: 'platform', render: (_, { platform }) => <PlatformName platform={platform} /> },
    ...(tenant === undefined ? [{ title: t.tenant, key: 'tenant', dataIndex: 'tenant' }] : []),
    { title: t.model, key: 'model', render: (_, { model }) => model ?? '–' },
    { title: t.user, key: 'user', className: 'mono', render: (_, { user }) => user?.slice(0, 12) ?? '–' },
    {
      title: t.took,
      key: 'took',
      align: 'right',
      className: 'num',
      render: (_, { response_ms }) => format.ms(response_ms),
    },
    {
      title: t.tokens,
      key: 'tokens',
      align: 'right',
      className: 'num',
      render: (_, { tokens_in, tokens_out }) => `${format.compact(tokens_in)} → ${format.compact(tokens_out)}`,
    },
    { title: t.cost, key: 'cost', align: 'right', className: 'num', render: (_, { cost_usd }) => format.usd(cost_usd) },
  ];
  return (
    <ListTable<TurnRow>
      of={of}
      rowKey="id"
      columns={columns}
      empty={
        <State icon={<NodeIndexOutlined />} title={t.empty}>
          {t.emptyWhy}
        </State>
      }
    />
  );
}
