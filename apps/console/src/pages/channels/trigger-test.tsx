import { Button, Form, Input, Select, Switch } from 'antd';
import { useState } from 'react';
import { ApiError, call, seg } from '../../api/client.ts';
import { useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { TriggerTest, Turn } from '../../api/types.ts';
import { useErrorText } from '../../components/error-text.ts';
import { prune } from '../../components/form/prune.ts';
import { TextArea } from '../../components/form/text-area.tsx';
import { Panel } from '../../components/page.tsx';
import { Notice } from '../../components/status.tsx';
import { texts, useLanguage } from '../../i18n/texts.ts';

const useText = texts({
  title: ['Would it answer this?', '机器人会回答吗？'],
  hint: ['Tries the saved triggers without sending anything.', '使用已保存的触发规则试运行，不会发送任何消息。'],
  past: ['Take a past turn', '使用历史记录'],
  pastHint: [
    'Its id, from the page “Turns”: fills in what was said and where.',
    '输入“问答记录”中的编号，自动填入内容与场景。',
  ],
  fill: ['Fill in', '填入'],
  notKept: ['The text of this turn is not kept.', '该记录未保存文字内容。'],
  text: ['Text', '内容'],
  where: ['Where', '场景'],
  direct: ['Direct chat', '私聊'],
  group: ['Group', '群聊'],
  mentioned: ['The bot is mentioned', '已 @ 机器人'],
  thread: ['Replies to the bot or in its thread', '回复机器人或在其话题中'],
  chat: ['Chat id', '会话 ID'],
  sender: ['User id', '用户 ID'],
  run: ['Try', '测试'],
  yes: ['It would answer', '会回答'],
  no: ['It would stay silent', '不会回答'],
});

interface Values {
  text: string;
  chat_kind: 'direct' | 'group';
  mentioned: boolean;
  in_own_thread: boolean;
  chat_id?: string;
  sender_id?: string;
}

/** Runs the triggers against a pasted message or what was said in a past turn. */
export function TriggerTester({ channel }: { channel: string }) {
  const t = useText();
  const language = useLanguage();
  const { can } = useSession();
  const { send, busy } = useSend();
  const [form] = Form.useForm<Values>();
  const [result, setResult] = useState<TriggerTest>();
  const run = async (message: Values) => {
    const sent = await send('POST', '/triggers/test', { body: { channel, message: prune(message) } });
    if (sent.ok) setResult(sent.data);
  };
  return (
    <Panel title={t.title} hint={t.hint}>
      <div className="stack">
        {can('turn:read') && <PastTurn fill={(values) => form.setFieldsValue(values)} />}
        <Form<Values>
          name="trigger-test"
          form={form}
          layout="vertical"
          requiredMark={false}
          initialValues={{ chat_kind: 'group', mentioned: true, in_own_thread: false, text: '' }}
          onFinish={run}
        >
          <Form.Item name="text" label={t.text} rules={[{ required: true }]}>
            <TextArea placeholder="/ai …" />
          </Form.Item>
          <div className="grid" style={{ '--min': '170px', gap: '0 16px' } as React.CSSProperties}>
            <Form.Item name="chat_kind" label={t.where}>
              <Select options={(['group', 'direct'] as const).map((value) => ({ value, label: t[value] }))} />
            </Form.Item>
            <Form.Item name="mentioned" label={t.mentioned} valuePropName="checked">
              <Switch />
            </Form.Item>
            <Form.Item name="in_own_thread" label={t.thread} valuePropName="checked">
              <Switch />
            </Form.Item>
            <Form.Item name="chat_id" label={t.chat}>
              <Input spellCheck={false} />
            </Form.Item>
            <Form.Item name="sender_id" label={t.sender}>
              <Input spellCheck={false} />
            </Form.Item>
          </div>
          <div className="stack">
            <Button type="primary" htmlType="submit" loading={busy} style={{ alignSelf: 'flex-start' }}>
              {t.run}
            </Button>
            {result && (
              <Notice tone={result.accept ? 'good' : 'warn'} title={result.accept ? t.yes : t.no} live>
                {result.explanation[language]} <span className="mono faint">{result.reason}</span>
              </Notice>
            )}
          </div>
        </Form>
      </div>
    </Panel>
  );
}

function PastTurn({ fill }: { fill: (values: Partial<Values>) => void }) {
  const t = useText();
  const errorText = useErrorText();
  const [problem, setProblem] = useState<string>();
  const take = async (id: string) => {
    if (id.trim() === '') return;
    setProblem(undefined);
    try {
      const { data: turn } = await call('GET', `/turns/${seg(id.trim())}`);
      if (turn.question === null) return setProblem(t.notKept);
      fill({ text: turn.question, chat_kind: await kindOf(turn) });
    } catch (error) {
      setProblem(error instanceof ApiError ? errorText(error) : String(error));
    }
  };
  return (
    <Form.Item
      label={t.past}
      layout="vertical"
      extra={t.pastHint}
      style={{ margin: 0 }}
      {...(problem ? { validateStatus: 'error', help: problem } : {})}
    >
      <Input.Search aria-label={t.past} enterButton={t.fill} spellCheck={false} onSearch={(id) => void take(id)} />
    </Form.Item>
  );
}

async function kindOf({ tenant, conversation }: Turn): Promise<'direct' | 'group'> {
  if (conversation === null) return 'direct';
  const { data } = await call('GET', `/conversations/${seg(tenant)}/${seg(conversation)}`);
  return data.chat_kind === 'direct' ? 'direct' : 'group';
}
