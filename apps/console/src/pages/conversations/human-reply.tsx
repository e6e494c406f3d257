import { Button } from 'antd';
import { type KeyboardEvent, useState } from 'react';
import { useSend } from '../../api/hooks.ts';
import type { ConversationPath } from '../../api/types.ts';
import { TextArea } from '../../components/form/text-area.tsx';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  label: ['Your reply, sent through the bot', '你的回复，将由机器人发出'],
  placeholder: ['Write as a human … (Ctrl+Enter sends)', '以人工身份回复……（Ctrl+Enter 发送）'],
  send: ['Send', '发送'],
});

export function HumanReply({ path }: { path: ConversationPath }) {
  const t = useText();
  const { send, busy } = useSend();
  const [text, setText] = useState('');
  const reply = async () => {
    if (text.trim() === '') return;
    const sent = await send('POST', `${path}/messages`, {
      body: { text: text.trim() },
      refresh: ['/conversations'],
      creates: true,
    });
    if (sent.ok) setText('');
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void reply();
  };
  return (
    <div className="row nowrap" style={{ alignItems: 'flex-end' }}>
      <TextArea
        aria-label={t.label}
        placeholder={t.placeholder}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKey}
        maxLength={10_000}
      />
      <Button type="primary" loading={busy} onClick={() => void reply()}>
        {t.send}
      </Button>
    </div>
  );
}
