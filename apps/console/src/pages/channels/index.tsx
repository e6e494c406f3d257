import { MessageOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, type TableColumnsType } from 'antd';
import { Link, useNavigate } from 'react-router';
import { useList } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { ChannelEntry } from '../../api/types.ts';
import { OriginBadge } from '../../components/origin.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { PlatformName } from '../../components/platform.tsx';
import { Needs, State } from '../../components/states.tsx';
import { Status } from '../../components/status.tsx';
import { ListTable } from '../../components/table.tsx';
import { Ago } from '../../components/time.tsx';
import { useFormat } from '../../i18n/format.ts';
import { texts } from '../../i18n/texts.ts';
import { useChannelHealth } from './health.ts';

const useText = texts({
  title: ['Channels', '渠道'],
  lead: ['One channel is one bot on one platform.', '一个渠道对应一个平台上的一个机器人。'],
  add: ['Connect a bot', '接入机器人'],
  name: ['Channel', '渠道'],
  platform: ['Platform', '平台'],
  tenant: ['Tenant', '租户'],
  state: ['State', '状态'],
  lastEvent: ['Last event', '最近事件'],
  lastReply: ['Last reply', '最近回复'],
  events: ['Events, 24 h', '24 小时事件'],
  origin: ['Origin', '来源'],
  empty: ['No bot is connected yet', '尚未接入机器人'],
  emptyWhy: [
    'The wizard takes you from the credentials to the first answer.',
    '向导会带你从填写凭据到收到第一条回答。',
  ],
});

export default function ChannelsPage() {
  const t = useText();
  const { can } = useSession();
  const navigate = useNavigate();
  const add = can('channel:write') && (
    <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => void navigate('/setup')}>
      {t.add}
    </Button>
  );
  return (
    <Page title={t.title} lead={t.lead} actions={add}>
      <Needs action="channel:read">
        <Channels add={add} />
      </Needs>
    </Page>
  );
}

function Channels({ add }: { add: React.ReactNode }) {
  const t = useText();
  const format = useFormat();
  const health = useChannelHealth();
  const { tenant } = useSession();
  const list = useList('/channels', { tenant });
  const columns: TableColumnsType<ChannelEntry> = [
    { title: t.name, key: 'id', render: (_, { id }) => <Link to={`/channels/${id}`}>{id}</Link> },
    { title: t.platform, key: 'platform', render: (_, { config }) => <PlatformName platform={config.platform} /> },
    { title: t.tenant, key: 'tenant', render: (_, { config }) => config.tenant },
    {
      title: t.state,
      key: 'state',
      render: (_, { status }) => {
        const { tone, label } = health(status);
        return <Status tone={tone}>{label}</Status>;
      },
    },
    { title: t.lastEvent, key: 'event', render: (_, { status }) => <Ago at={status.last_event_at} /> },
    { title: t.lastReply, key: 'reply', render: (_, { status }) => <Ago at={status.last_reply_at} /> },
    {
      title: t.events,
      key: 'events',
      align: 'right',
      className: 'num',
      render: (_, { status }) => format.number(status.events_24h),
    },
    { title: t.origin, key: 'origin', render: (_, { origin }) => <OriginBadge origin={origin} /> },
  ];
  return (
    <Panel flush>
      <ListTable<ChannelEntry>
        of={list}
        rowKey="id"
        columns={columns}
        empty={
          <State icon={<MessageOutlined />} title={t.empty} action={add}>
            {t.emptyWhy}
          </State>
        }
      />
    </Panel>
  );
}
