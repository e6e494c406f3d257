import { CommentOutlined } from '@ant-design/icons';
import type { TableColumnsType } from 'antd';
import { Link } from 'react-router';
import { seg } from '../../api/client.ts';
import { useList } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import { type ConversationRow, PLATFORMS } from '../../api/types.ts';
import { FilterChoice, FilterText } from '../../components/filter.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { PlatformName, usePlatformName } from '../../components/platform.tsx';
import { Needs, State } from '../../components/states.tsx';
import { Badge } from '../../components/status.tsx';
import { ListTable } from '../../components/table.tsx';
import { Ago } from '../../components/time.tsx';
import { useFilters } from '../../hooks/use-filters.ts';
import { useFormat } from '../../i18n/format.ts';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  title: ['Conversations', '会话'],
  lead: ['Read along, take over as a human, and give back.', '查看对话、人工接管，再交还给机器人。'],
  search: ['A pseudonym or part of the id', '用户假名或会话 ID'],
  platform: ['Platform', '平台'],
  channel: ['Channel', '渠道'],
  held: ['Taken over', '人工接管'],
  byHuman: ['by a human', '人工接管中'],
  byBot: ['by the bot', '机器人回答'],
  conversation: ['Conversation', '会话'],
  kind: ['Kind', '类型'],
  direct: ['Direct', '私聊'],
  group: ['Group', '群聊'],
  turns: ['Turns', '轮次'],
  when: ['When', '时间'],
  answers: ['Answered', '回答方'],
  empty: ['No conversation yet', '还没有会话'],
  emptyWhy: ['They appear as soon as somebody writes to a bot.', '有人给机器人发消息后会显示在这里。'],
});

export default function ConversationsPage() {
  const t = useText();
  return (
    <Page title={t.title} lead={t.lead}>
      <Needs action="conversation:read">
        <Conversations />
      </Needs>
    </Page>
  );
}

function Conversations() {
  const t = useText();
  const format = useFormat();
  const { tenant } = useSession();
  const platformName = usePlatformName();
  const [filters, setFilter] = useFilters(['q', 'platform', 'channel', 'taken_over'] as const);
  const list = useList('/conversations', { tenant, ...filters });
  const columns: TableColumnsType<ConversationRow> = [
    {
      title: t.conversation,
      key: 'text',
      render: (_, row) => (
        <Link
          to={`/conversations/${seg(row.tenant)}/${seg(row.id)}`}
          style={{
            display: 'block',
            maxWidth: 380,
            overflow: 'hidden',
            textOverflow: 'ellipsis',
            whiteSpace: 'nowrap',
          }}
        >
          {row.last_text ?? <span className="mono">{row.id}</span>}
        </Link>
      ),
    },
    { title: t.platform, key: 'platform', render: (_, { platform }) => <PlatformName platform={platform} /> },
    { title: t.channel, key: 'channel', render: (_, { channel }) => channel },
    {
      title: t.kind,
      key: 'kind',
      render: (_, { chat_kind }) => (chat_kind === 'group' ? t.group : chat_kind === 'direct' ? t.direct : '–'),
    },
    { title: t.turns, key: 'turns', align: 'right', className: 'num', render: (_, { turns }) => format.number(turns) },
    {
      title: t.answers,
      key: 'held',
      render: (_, { taken_over }) =>
        taken_over ? <Badge tone="warn">{taken_over.by}</Badge> : <span className="muted">{t.byBot}</span>,
    },
    { title: t.when, key: 'when', render: (_, { last_at }) => <Ago at={last_at} /> },
  ];
  return (
    <>
      <search className="filters">
        <FilterText label={t.search} value={filters.q} onChange={(value) => setFilter('q', value)} width={260} />
        <FilterChoice
          label={t.platform}
          value={filters.platform}
          onChange={(value) => setFilter('platform', value)}
          options={PLATFORMS.map((value) => ({ value, label: platformName(value) }))}
        />
        <FilterText
          label={t.channel}
          value={filters.channel}
          onChange={(value) => setFilter('channel', value)}
          width={150}
        />
        <FilterChoice
          label={t.held}
          value={filters.taken_over}
          onChange={(value) => setFilter('taken_over', value)}
          options={[
            { value: 'true', label: t.byHuman },
            { value: 'false', label: t.byBot },
          ]}
        />
      </search>
      <Panel flush>
        <ListTable<ConversationRow>
          of={list}
          rowKey={({ tenant: owner, id }) => `${owner} ${id}`}
          columns={columns}
          empty={
            <State icon={<CommentOutlined />} title={t.empty}>
              {t.emptyWhy}
            </State>
          }
        />
      </Panel>
    </>
  );
}
