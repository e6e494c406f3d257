import { Button, Form, Input } from 'antd';
import { seg } from '../../api/client.ts';
import { useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { ChannelEntry } from '../../api/types.ts';
import { TextArea } from '../../components/form/text-area.tsx';
import { Panel } from '../../components/page.tsx';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  title: ['Send a message as the bot', '以机器人身份发送消息'],
  hint: [
    'Proves that the bot can write into a chat. It must be a member of it.',
    '用于验证机器人能否在会话中发言，机器人需已在该会话中。',
  ],
  chat: ['Chat id', '会话 ID'],
  text: ['Text', '内容'],
  send: ['Send', '发送'],
  sent: ['Sent', '已发送'],
  hello: ['Hello from Parley.', '来自 Parley 的问候。'],
});

export function SendTest({ entry }: { entry: ChannelEntry }) {
  const t = useText();
  const { can } = useSession();
  const { send, busy } = useSend();
  return (
    <Panel title={t.title} hint={t.hint}>
      <Form<{ chat: string; text: string }>
        name="test-message"
        layout="vertical"
        requiredMark={false}
        disabled={!can('channel:test', entry.config.tenant)}
        initialValues={{ text: t.hello }}
        onFinish={(values) => void send('POST', `/channels/${seg(entry.id)}/test`, { body: values, success: t.sent })}
      >
        <Form.Item name="chat" label={t.chat} rules={[{ required: true }]}>
          <Input
            spellCheck={false}
            placeholder={
              entry.config.platform === 'slack'
                ? 'C0123456789'
                : entry.config.platform === 'feishu'
                  ? 'oc_…'
                  : '123456789'
            }
          />
        </Form.Item>
        <Form.Item name="text" label={t.text} rules={[{ required: true }]}>
          <TextArea minRows={2} maxRows={6} maxLength={2000} />
        </Form.Item>
        <Button htmlType="submit" loading={busy}>
          {t.send}
        </Button>
      </Form>
    </Panel>
  );
}
