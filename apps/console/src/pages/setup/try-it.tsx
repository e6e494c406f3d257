import { CheckCircleFilled, LoadingOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { Link, useNavigate } from 'react-router';
import { seg } from '../../api/client.ts';
import { useGet, useList } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { ChannelEntry } from '../../api/types.ts';
import { Panel } from '../../components/page.tsx';
import { Notice } from '../../components/status.tsx';
import { texts } from '../../i18n/texts.ts';
import { useIgnoreReason } from '../channels/ignore-reasons.ts';

const useText = texts({
  title: ['Now write to the bot', '现在给机器人发条消息'],
  feishu: [
    'Find the bot in Feishu by its name and send it “hello”. In a group, mention it.',
    '在飞书中搜索机器人名称并发送“你好”；在群里请 @ 它。',
  ],
  telegram: [
    'Open your bot in Telegram, press Start and send it “hello”.',
    '在 Telegram 打开你的机器人，点击 Start 并发送“hello”。',
  ],
  slack: [
    'Open the app in Slack under “Apps” and send it “hello”, or mention it in a channel it is in.',
    '在 Slack 的“Apps”中打开应用并发送“hello”，或在其所在频道 @ 它。',
  ],
  heard: ['The message has arrived', '已收到消息'],
  waitHeard: ['Waiting for your message …', '等待你的消息……'],
  answered: ['The bot has answered', '机器人已回答'],
  waitAnswer: ['Waiting for the answer …', '等待回答……'],
  failed: ['It was not answered', '没有回答'],
  why: ['Why?', '查看原因'],
  ignored: ['Something arrived but was not for the bot', '收到事件，但不是发给机器人的'],
  done: ['Go to the channel', '前往渠道页'],
  back: ['Back', '上一步'],
  playground: ['or ask the model in the playground', '或在试验场直接提问'],
});

/** Watches the channel until the first answer has gone out, and says where it hangs. */
export function TryIt({ entry, back }: { entry: ChannelEntry; back: () => void }) {
  const t = useText();
  const { can } = useSession();
  const navigate = useNavigate();
  const reason = useIgnoreReason();
  const live = useGet(`/channels/${seg(entry.id)}`, {}, { everyMs: 2_000 });
  const turns = useList('/turns', { channel: entry.id, limit: 1 }, { everyMs: 2_000, enabled: can('turn:read') });
  const status = live.data?.data.status ?? entry.status;
  const turn = turns.items[0];
  const isHeard = status.last_message_at !== null || turn !== undefined;
  const isAnswered = status.last_reply_at !== null || turn?.status === 'success';
  const [why] = Object.entries(status.ignored_24h).filter(
    ([key]) => key !== 'handshake' && key !== 'unsupported_event',
  );
  const line = (isDone: boolean, done: string, waiting: string) => (
    <li className="row nowrap">
      {isDone ? <CheckCircleFilled className="good" aria-hidden /> : <LoadingOutlined aria-hidden className="faint" />}
      <span>{isDone ? done : waiting}</span>
    </li>
  );
  return (
    <Panel title={t.title} hint={t[entry.config.platform]}>
      <div className="stack">
        <ul className="stack tight" role="status" style={{ fontSize: 15 }}>
          {line(isHeard, t.heard, t.waitHeard)}
          {line(isAnswered, t.answered, t.waitAnswer)}
        </ul>
        {!isHeard && why && (
          <Notice tone="warn" title={t.ignored}>
            {reason(why[0])}
          </Notice>
        )}
        {turn && turn.status !== 'success' && (
          <Notice tone="bad" title={t.failed} action={<Link to={`/turns/${seg(turn.id)}`}>{t.why}</Link>}>
            <span className="mono">{turn.error_code}</span>
          </Notice>
        )}
        <div className="row">
          <Button type={isAnswered ? 'primary' : 'default'} onClick={() => void navigate(`/channels/${seg(entry.id)}`)}>
            {t.done}
          </Button>
          <Button onClick={back}>{t.back}</Button>
          {can('playground:use') && <Link to="/playground">{t.playground}</Link>}
        </div>
      </div>
    </Panel>
  );
}
