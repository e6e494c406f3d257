import { RedoOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { Link, useParams } from 'react-router';
import { seg } from '../../api/client.ts';
import { useGet, useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { Turn } from '../../api/types.ts';
import { useConfirm } from '../../components/confirm.tsx';
import { CopyButton } from '../../components/copy.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { PlatformName } from '../../components/platform.tsx';
import { RichText } from '../../components/rich-text.tsx';
import { Loaded, Needs } from '../../components/states.tsx';
import { Notice } from '../../components/status.tsx';
import { At } from '../../components/time.tsx';
import { useFormat } from '../../i18n/format.ts';
import { texts, useLanguage } from '../../i18n/texts.ts';
import { TurnStatus } from './status.tsx';
import { Timeline } from './timeline.tsx';
import { SHOWN_OF_ID } from './turn-table.tsx';

const useText = texts({
  title: ['Turn', '问答'],
  id: ['id', '编号'],
  turns: ['Turns', '问答记录'],
  question: ['Question', '问题'],
  answer: ['Answer', '回答'],
  notKept: ['Not kept: the tenant keeps no transcripts.', '未保存：该租户不保留对话内容。'],
  noAnswer: ['There was none.', '没有回答。'],
  timeline: ['What happened', '处理过程'],
  facts: ['Facts', '详情'],
  when: ['When', '时间'],
  tenant: ['Tenant', '租户'],
  platform: ['Platform', '平台'],
  channel: ['Channel', '渠道'],
  conversation: ['Conversation', '会话'],
  user: ['User', '用户'],
  model: ['Model', '模型'],
  attempts: ['Attempts', '尝试次数'],
  took: ['Took', '用时'],
  tokens: ['Tokens', 'Token'],
  cost: ['Cost', '费用'],
  code: ['Error code', '错误码'],
  replay: ['Ask it again', '重新提问'],
  replayWhy: [
    'The question goes through the hub anew, as if it had just come: it may be answered in the chat, and costs.',
    '问题会像刚收到一样重新处理：可能会在会话中回复，并产生费用。',
  ],
  replayed: ['It is on its way', '已重新提交'],
});

export default function TurnPage() {
  const t = useText();
  const { turn = '' } = useParams();
  const answer = useGet(`/turns/${seg(turn)}`);
  const { can } = useSession();
  const { send, busy } = useSend();
  const confirm = useConfirm();
  const data = answer.data?.data;
  const replay = () =>
    confirm({
      title: t.replay,
      content: t.replayWhy,
      ok: t.replay,
      danger: false,
      run: () =>
        send('POST', `/turns/${seg(turn)}/replay`, { success: t.replayed, refresh: ['/turns', '/conversations'] }),
    });
  return (
    <Page
      title={`${t.title} ${turn.slice(0, SHOWN_OF_ID)}`}
      back={{ to: '/turns', label: t.turns }}
      mark={
        <span className="row">
          {data && <TurnStatus status={data.status} />}
          <CopyButton text={turn} what={t.id} />
        </span>
      }
      actions={
        data &&
        can('turn:write', data.tenant) && (
          <Button icon={<RedoOutlined aria-hidden />} onClick={replay} loading={busy} disabled={data.question === null}>
            {t.replay}
          </Button>
        )
      }
    >
      <Needs action="turn:read">
        <Loaded of={answer} rows={10}>
          {(loaded) => <TurnDetail turn={loaded} />}
        </Loaded>
      </Needs>
    </Page>
  );
}

export function TurnDetail({ turn }: { turn: Turn }) {
  const t = useText();
  const language = useLanguage();
  const tones = { success: 'good', denied: 'warn', failed: 'bad' } as const;
  return (
    <div className="stack">
      <Notice tone={tones[turn.status as 'success'] ?? 'accent'}>{turn.why[language]}</Notice>
      <div className="grid two">
        <div className="stack">
          <Panel title={t.question}>
            {turn.question === null ? <p className="muted">{t.notKept}</p> : <p className="pre">{turn.question}</p>}
          </Panel>
          <Panel title={t.answer}>
            {turn.answer === null ? (
              <p className="muted">{turn.status === 'success' ? t.notKept : t.noAnswer}</p>
            ) : (
              <RichText>{turn.answer}</RichText>
            )}
          </Panel>
          <Panel title={t.timeline}>
            <Timeline entries={turn.timeline} />
          </Panel>
        </div>
        <Facts turn={turn} />
      </div>
    </div>
  );
}

function Facts({ turn }: { turn: Turn }) {
  const t = useText();
  const format = useFormat();
  const { tenant, channel, conversation, user, model, platform } = turn;
  return (
    <Panel title={t.facts}>
      <dl className="facts">
        <dt>{t.when}</dt>
        <dd>
          <At at={turn.created_at} />
        </dd>
        <dt>{t.tenant}</dt>
        <dd>{tenant}</dd>
        <dt>{t.platform}</dt>
        <dd>
          <PlatformName platform={platform} />
        </dd>
        {channel && (
          <>
            <dt>{t.channel}</dt>
            <dd>
              <Link to={`/channels/${seg(channel)}`}>{channel}</Link>
            </dd>
          </>
        )}
        {conversation && (
          <>
            <dt>{t.conversation}</dt>
            <dd>
              <Link to={`/conversations/${seg(tenant)}/${seg(conversation)}`} className="mono">
                {conversation}
              </Link>
            </dd>
          </>
        )}
        <dt>{t.user}</dt>
        <dd className="mono">{user ?? '–'}</dd>
        <dt>{t.model}</dt>
        <dd>{model ? <Link to={`/models/${seg(model)}`}>{model}</Link> : '–'}</dd>
        <dt>{t.attempts}</dt>
        <dd>{format.number(turn.attempts)}</dd>
        <dt>{t.took}</dt>
        <dd>{format.ms(turn.response_ms)}</dd>
        <dt>{t.tokens}</dt>
        <dd>
          {format.number(turn.tokens_in)} → {format.number(turn.tokens_out)}
        </dd>
        <dt>{t.cost}</dt>
        <dd>{format.usd(turn.cost_usd)}</dd>
        {turn.error_code && (
          <>
            <dt>{t.code}</dt>
            <dd className="mono">{turn.error_code}</dd>
          </>
        )}
      </dl>
    </Panel>
  );
}
