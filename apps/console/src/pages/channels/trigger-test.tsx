import { Button, Form, Input, Segmented, Select, Switch } from 'antd';
import { useState } from 'react';
import { useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { TriggerTest } from '../../api/types.ts';
import { prune } from '../../components/form/prune.ts';
import { TextArea } from '../../components/form/text-area.tsx';
import { Panel } from '../../components/page.tsx';
import { Notice } from '../../components/status.tsx';
import { texts, useLanguage } from '../../i18n/texts.ts';

const useText = texts({
  title: ['Would it answer this?', '机器人会回答吗？'],
  hint: ['Tries the saved triggers without sending anything.', '使用已保存的触发规则试运行，不会发送任何消息。'],
  source: ['Try with', '测试对象'],
  message: ['A message', '一条消息'],
  turn: ['A past turn', '历史记录'],
  text: ['Text', '内容'],
  where: ['Where', '场景'],
  direct: ['Direct chat', '私聊'],
  group: ['Group', '群聊'],
  mentioned: ['The bot is mentioned', '已 @ 机器人'],
  chat: ['Chat id', '会话 ID'],
  sender: ['User id', '用户 ID'],
  turnId: ['Id of the turn', '问答编号'],
  run: ['Try', '测试'],
  yes: ['It would answer', '会回答'],
  no: ['It would stay silent', '不会回答'],
});

interface Values {
  text: string;
  chat_kind: 'direct' | 'group';
  mentioned: boolean;
  chat_id?: string;
  sender_id?: string;
  turn?: string;
}

/** Runs the triggers against a pasted message or a past turn. */
export function TriggerTester({ channel }: { channel: string }) {
  const t = useText();
  const language = useLanguage();
  const { can } = useSession();
  const { send, busy } = useSend();
  const [source, setSource] = useState<'message' | 'turn'>('message');
  const [result, setResult] = useState<TriggerTest>();
  const run = async ({ turn, ...message }: Values) => {
    const body = source === 'turn' ? { channel, turn: turn?.trim() } : { channel, message: prune(message) };
    const sent = await send<TriggerTest>('POST', '/triggers/test', { body });
    if (sent.ok) setResult(sent.data);
  };
  return (
    <Panel title={t.title} hint={t.hint}>
      <Form<Values>
        layout="vertical"
        requiredMark={false}
        disabled={!can('channel:read')}
        initialValues={{ chat_kind: 'group', mentioned: true, text: '' }}
        onFinish={run}
      >
        <Form.Item>
          <Segmented
            aria-label={t.source}
            value={source}
            onChange={setSource}
            options={[
              { value: 'message', label: t.message },
              { value: 'turn', label: t.turn },
            ]}
          />
        </Form.Item>
        {source === 'turn' ? (
          <Form.Item name="turn" label={t.turnId} rules={[{ required: true }]}>
            <Input spellCheck={false} />
          </Form.Item>
        ) : (
          <>
            <Form.Item name="text" label={t.text} rules={[{ required: true }]}>
              <TextArea minRows={2} placeholder="/ai …" />
            </Form.Item>
            <div className="grid" style={{ '--min': '150px', gap: '0 16px' } as React.CSSProperties}>
              <Form.Item name="chat_kind" label={t.where}>
                <Select
                  options={[
                    { value: 'group', label: t.group },
                    { value: 'direct', label: t.direct },
                  ]}
                />
              </Form.Item>
              <Form.Item name="mentioned" label={t.mentioned} valuePropName="checked">
                <Switch />
              </Form.Item>
              <Form.Item name="chat_id" label={t.chat}>
                <Input spellCheck={false} />
              </Form.Item>
              <Form.Item name="sender_id" label={t.sender}>
                <Input spellCheck={false} />
              </Form.Item>
            </div>
          </>
        )}
        <div className="stack">
          <Button htmlType="submit" loading={busy} style={{ alignSelf: 'flex-start' }}>
            {t.run}
          </Button>
          {result && (
            <Notice tone={result.accept ? 'good' : 'warn'} title={result.accept ? t.yes : t.no} live>
              {result.explanation[language]} <span className="mono faint">{result.reason}</span>
            </Notice>
          )}
        </div>
      </Form>
    </Panel>
  );
}
