import { UserSwitchOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { seg } from '../../api/client.ts';
import { useGet, useList, useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { Conversation, ConversationPath } from '../../api/types.ts';
import { useConfirm } from '../../components/confirm.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { PlatformMark } from '../../components/platform.tsx';
import { Loaded, Needs, State } from '../../components/states.tsx';
import { Badge, Notice } from '../../components/status.tsx';
import { Ago } from '../../components/time.tsx';
import { texts, useLanguage } from '../../i18n/texts.ts';
import { Timeline } from '../turns/timeline.tsx';
import { HumanReply } from './human-reply.tsx';
import { Transcript } from './transcript.tsx';

const useText = texts({
  title: ['Conversation', '会话'],
  all: ['Conversations', '会话'],
  takeOver: ['Take over', '人工接管'],
  takeOverWhy: [
    'The bot stays silent here until you give the conversation back. People are not told.',
    '在你交还之前机器人不会在此会话回答，用户不会收到提示。',
  ],
  taken: ['You have it now', '已由你接管'],
  giveBack: ['Give back to the bot', '交还给机器人'],
  given: ['The bot answers again', '机器人恢复回答'],
  heldBy: [(name: string) => `${name} answers here`, (name: string) => `当前由 ${name} 回答`],
  heldWhy: ['The bot stays silent until it is given back.', '交还之前机器人不会回答。'],
  waiting: [(n: number) => `${n} messages wait for their answer`, (n: number) => `${n} 条消息等待回答`],
  pick: ['Choose an answer to see how it came about', '选择一条回答，查看其处理过程'],
  timeline: ['How this came about', '处理过程'],
  turn: ['The whole turn', '查看完整记录'],
});

export default function ConversationPage() {
  const t = useText();
  const { tenant = '', conversation = '' } = useParams();
  const path = `/conversations/${seg(tenant)}/${seg(conversation)}` as const;
  const answer = useGet(path, {}, { everyMs: 5_000 });
  const data = answer.data?.data;
  return (
    <Page
      title={t.title}
      back={{ to: '/conversations', label: t.all }}
      mark={
        data && (
          <span className="row">
            <PlatformMark platform={data.platform} small alone />
            <span className="muted">{data.channel}</span>
            {data.state.model && <Badge>{data.state.model}</Badge>}
          </span>
        )
      }
      actions={data && <TakeOver conversation={data} path={path} />}
    >
      <Needs action="conversation:read">
        <Loaded of={answer} rows={8}>
          {(loaded) => <Detail conversation={loaded} path={path} />}
        </Loaded>
      </Needs>
    </Page>
  );
}

function TakeOver({ conversation, path }: { conversation: Conversation; path: ConversationPath }) {
  const t = useText();
  const { can } = useSession();
  const confirm = useConfirm();
  const { send, busy } = useSend();
  if (!can('conversation:write', conversation.tenant)) return null;
  const refresh = ['/conversations'];
  if (conversation.taken_over) {
    return (
      <Button
        type="primary"
        loading={busy}
        onClick={() => void send('DELETE', `${path}/takeover`, { success: t.given, refresh })}
      >
        {t.giveBack}
      </Button>
    );
  }
  const take = () =>
    confirm({
      title: t.takeOver,
      content: t.takeOverWhy,
      ok: t.takeOver,
      danger: false,
      run: () => send('POST', `${path}/takeover`, { success: t.taken, refresh }),
    });
  return (
    <Button icon={<UserSwitchOutlined aria-hidden />} loading={busy} onClick={take}>
      {t.takeOver}
    </Button>
  );
}

function Detail({ conversation, path }: { conversation: Conversation; path: ConversationPath }) {
  const t = useText();
  const { can } = useSession();
  const [turn, setTurn] = useState<string>();
  const messages = useList(`${path}/messages`, {}, { everyMs: 4_000 });
  const { taken_over: held, state } = conversation;
  return (
    <div className="grid two">
      <Panel>
        <div className="stack">
          {held && (
            <Notice tone="warn" title={t.heldBy(held.by)}>
              {t.heldWhy} <Ago at={held.since} />
            </Notice>
          )}
          {state.waiting > 0 && <Notice tone="accent">{t.waiting(state.waiting)}</Notice>}
          <Transcript of={messages} chosen={turn} onChoose={setTurn} />
          {held && can('conversation:write', conversation.tenant) && <HumanReply path={path} />}
        </div>
      </Panel>
      <Panel title={t.timeline}>{turn ? <TurnPeek id={turn} /> : <State title={t.pick} />}</Panel>
    </div>
  );
}

function TurnPeek({ id }: { id: string }) {
  const t = useText();
  const language = useLanguage();
  const answer = useGet(`/turns/${seg(id)}`);
  return (
    <Loaded of={answer}>
      {(turn) => (
        <div className="stack">
          <p>{turn.why[language]}</p>
          <Timeline entries={turn.timeline} />
          <Link to={`/turns/${seg(id)}`}>{t.turn}</Link>
        </div>
      )}
    </Loaded>
  );
}
