import { Form, Input, InputNumber, Select, Switch } from 'antd';
import { Lines } from '../../components/form/lines.tsx';
import { Words } from '../../components/form/words.tsx';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  direct: ['In direct chats it answers', '私聊中'],
  group: ['In groups it answers', '群聊中'],
  always: ['every message', '回答每条消息'],
  mention: ['when mentioned or replied to', '被 @ 或被回复时回答'],
  command: ['commands only', '只回答命令'],
  never: ['nothing', '不回答'],
  commands: ['Commands that ask the bot', '触发提问的命令'],
  allow: ['Only in these chats', '仅限以下会话'],
  allowHint: ['One id a line; empty: everywhere.', '每行一个 ID；留空表示不限。'],
  deny: ['Never for these people', '忽略以下用户'],
  denyHint: ['One user id a line.', '每行一个用户 ID。'],
  streaming: ['Show the answer while it is written', '流式显示回答'],
  overlap: ['A new question during an answer', '回答期间收到新问题时'],
  queue: ['waits its turn', '排队等候'],
  merge: ['is answered together with those that wait', '与等待中的问题合并回答'],
  interrupt: ['ends the answer under way', '中断当前回答'],
  debounce: ['Wait for more before answering (ms)', '回答前等待更多消息（毫秒）'],
  base: ['Another address of the platform’s API', '平台 API 的其他地址'],
  baseHint: [
    'For Lark, a proxy or a simulator. Empty: the platform’s own.',
    '用于 Lark、代理或模拟器；留空使用平台默认地址。',
  ],
});

/** When and how the bot answers. */
export function BehaviourFields() {
  const t = useText();
  const modes = (names: readonly ('always' | 'mention' | 'command' | 'never')[]) =>
    names.map((value) => ({ value, label: t[value] }));
  return (
    <>
      <div className="grid" style={{ gap: '0 16px' }}>
        <Form.Item name={['triggers', 'direct']} label={t.direct}>
          <Select options={modes(['always', 'command', 'never'])} />
        </Form.Item>
        <Form.Item name={['triggers', 'group']} label={t.group}>
          <Select options={modes(['mention', 'command', 'always', 'never'])} />
        </Form.Item>
        <Form.Item name="overlap" label={t.overlap}>
          <Select options={(['queue', 'merge', 'interrupt'] as const).map((value) => ({ value, label: t[value] }))} />
        </Form.Item>
        <Form.Item name="debounce_ms" label={t.debounce}>
          <InputNumber min={0} max={10_000} precision={0} style={{ width: '100%' }} />
        </Form.Item>
      </div>
      <Form.Item name={['triggers', 'commands']} label={t.commands}>
        <Words placeholder="/ai" />
      </Form.Item>
      <div className="grid" style={{ gap: '0 16px' }}>
        <Form.Item name={['triggers', 'allow_chats']} label={t.allow} extra={t.allowHint}>
          <Lines />
        </Form.Item>
        <Form.Item name={['triggers', 'deny_users']} label={t.deny} extra={t.denyHint}>
          <Lines />
        </Form.Item>
      </div>
      <Form.Item name="streaming" label={t.streaming} valuePropName="checked">
        <Switch />
      </Form.Item>
      <Form.Item name="api_base_url" label={t.base} extra={t.baseHint}>
        <Input placeholder="https://open.larksuite.com" inputMode="url" />
      </Form.Item>
    </>
  );
}

export const BEHAVIOUR_DEFAULTS = {
  streaming: true,
  overlap: 'queue',
  debounce_ms: 0,
  triggers: { direct: 'always', group: 'mention', commands: ['/ai'], allow_chats: [], deny_users: [] },
} as const;
