import { InboxOutlined } from '@ant-design/icons';
import { Button, Drawer, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';
import { seg } from '../../api/client.ts';
import { useGet, useList, useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { DeadLetter } from '../../api/types.ts';
import { useConfirm } from '../../components/confirm.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { RichText } from '../../components/rich-text.tsx';
import { Loaded, Needs, State } from '../../components/states.tsx';
import { Notice } from '../../components/status.tsx';
import { ListTable } from '../../components/table.tsx';
import { Ago, At } from '../../components/time.tsx';
import { texts, useLanguage } from '../../i18n/texts.ts';

const useText = texts({
  title: ['Dead letters', '死信'],
  lead: [
    'Messages that were given up. Replay them once the cause is gone.',
    '多次尝试后放弃的消息，排除原因后可重新处理。',
  ],
  message: ['What went wrong', '失败原因'],
  code: ['Code', '错误码'],
  channel: ['Channel', '渠道'],
  tenant: ['Tenant', '租户'],
  when: ['When', '时间'],
  attempts: ['Attempts', '尝试次数'],
  conversation: ['Conversation', '会话'],
  actions: ['Actions', '操作'],
  look: ['Inspect', '查看'],
  replay: ['Replay', '重放'],
  replayed: ['It is being answered again', '已重新处理'],
  drop: ['Drop', '丢弃'],
  dropTitle: ['Drop this message for good?', '确定丢弃这条消息？'],
  dropWhy: ['The question will never be answered. Its record stays.', '该问题将不会得到回答，记录仍会保留。'],
  dropped: ['Dropped', '已丢弃'],
  question: ['Question', '问题'],
  answer: ['Answer that could not be sent', '未能发送的回答'],
  notKept: ['not kept', '未保存'],
  empty: ['No dead letters', '没有死信'],
  emptyWhy: ['Every message was answered, or its asker was told why not.', '所有消息都已回答或已说明原因。'],
});

export default function DeadLettersPage() {
  const t = useText();
  return (
    <Page title={t.title} lead={t.lead}>
      <Needs action="dead_letter:read">
        <DeadLetters />
      </Needs>
    </Page>
  );
}

function DeadLetters() {
  const t = useText();
  const language = useLanguage();
  const { tenant } = useSession();
  const [open, setOpen] = useState<DeadLetter>();
  const list = useList('/dead-letters', { tenant }, { everyMs: 15_000 });
  const columns: TableColumnsType<DeadLetter> = [
    {
      title: t.message,
      key: 'message',
      render: (_, letter) => (
        <div style={{ maxWidth: 420, whiteSpace: 'normal' }}>
          <button type="button" className="link-button" style={{ textAlign: 'left' }} onClick={() => setOpen(letter)}>
            {letter.why[language]}
          </button>
        </div>
      ),
    },
    { title: t.code, key: 'code', render: (_, { error_code }) => <span className="mono">{error_code}</span> },
    { title: t.tenant, key: 'tenant', dataIndex: 'tenant' },
    {
      title: t.channel,
      key: 'channel',
      render: (_, { channel }) => <Link to={`/channels/${seg(channel)}`}>{channel}</Link>,
    },
    { title: t.attempts, key: 'attempts', align: 'right', className: 'num', dataIndex: 'attempts' },
    { title: t.when, key: 'when', render: (_, { at }) => <Ago at={at} /> },
    { title: t.actions, key: 'actions', render: (_, letter) => <Actions letter={letter} /> },
  ];
  return (
    <>
      <Panel flush>
        <ListTable<DeadLetter>
          of={list}
          rowKey="id"
          columns={columns}
          empty={
            <State icon={<InboxOutlined />} title={t.empty}>
              {t.emptyWhy}
            </State>
          }
        />
      </Panel>
      <Drawer open={open !== undefined} onClose={() => setOpen(undefined)} title={t.look} size={560} destroyOnHidden>
        {open && <Letter letter={open} close={() => setOpen(undefined)} />}
      </Drawer>
    </>
  );
}

function Actions({ letter, done }: { letter: DeadLetter; done?: () => void }) {
  const t = useText();
  const { can } = useSession();
  const { send, busy } = useSend();
  const confirm = useConfirm();
  if (!can('dead_letter:write', letter.tenant)) return null;
  const path = `/dead-letters/${seg(letter.tenant)}/${seg(letter.id)}` as const;
  const refresh = ['/dead-letters', '/conversations', '/turns'];
  const replay = async () => {
    const sent = await send('POST', `${path}/replay`, { success: t.replayed, refresh });
    if (sent.ok) done?.();
  };
  const drop = () =>
    confirm({
      title: t.dropTitle,
      content: t.dropWhy,
      ok: t.drop,
      run: async () => {
        const sent = await send('DELETE', path, { success: t.dropped, refresh });
        if (sent.ok) done?.();
      },
    });
  return (
    <span className="row nowrap">
      <Button size="small" loading={busy} onClick={() => void replay()}>
        {t.replay}
      </Button>
      <Button size="small" danger type="text" onClick={drop}>
        {t.drop}
      </Button>
    </span>
  );
}

function Letter({ letter, close }: { letter: DeadLetter; close: () => void }) {
  const t = useText();
  const language = useLanguage();
  const answer = useGet(`/dead-letters/${seg(letter.tenant)}/${seg(letter.id)}`);
  return (
    <Loaded of={answer}>
      {(data) => (
        <div className="stack">
          <Notice tone="bad" title={data.error_code}>
            {data.why[language]}
          </Notice>
          <dl className="facts">
            <dt>{t.when}</dt>
            <dd>
              <At at={data.at} />
            </dd>
            <dt>{t.channel}</dt>
            <dd>{data.channel}</dd>
            <dt>{t.conversation}</dt>
            <dd>
              <Link to={`/conversations/${seg(data.tenant)}/${seg(data.conversation)}`} className="mono">
                {data.conversation}
              </Link>
            </dd>
            <dt>{t.attempts}</dt>
            <dd>{data.attempts}</dd>
            <dt>{t.question}</dt>
            <dd className="pre">{data.question ?? <span className="muted">{t.notKept}</span>}</dd>
          </dl>
          {data.answer && (
            <div className="stack tight">
              <strong>{t.answer}</strong>
              <RichText>{data.answer}</RichText>
            </div>
          )}
          <Actions letter={data} done={close} />
        </div>
      )}
    </Loaded>
  );
}
