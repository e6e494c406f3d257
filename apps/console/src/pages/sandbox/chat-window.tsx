import { SendOutlined } from '@ant-design/icons';
import { Button, Checkbox, Segmented, Select } from 'antd';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { seg } from '../../api/client.ts';
import { useGet, useSend } from '../../api/hooks.ts';
import type { SandboxMessage, SandboxState } from '../../api/types.ts';
import { TextArea } from '../../components/form/text-area.tsx';
import { PlatformMark, usePlatformName } from '../../components/platform.tsx';
import { texts } from '../../i18n/texts.ts';
import { ChatMessage } from './chat-message.tsx';

const useText = texts({
  as: ['Write as', '发言人'],
  chat: ['Chat', '会话'],
  mention: ['@ the bot', '@机器人'],
  say: [(platform: string) => `Message on ${platform}`, (platform: string) => `${platform} 消息`],
  placeholder: ['Write a message …', '输入消息……'],
  send: ['Send', '发送'],
  typing: ['is typing …', '正在输入……'],
  hello: ['Say hello', '打个招呼'],
  helloWhy: ['Try “hello”, /help or /quota.', '试试“你好”、/help 或 /quota。'],
  direct: ['Direct', '私聊'],
  group: ['Group', '群聊'],
  log: [(platform: string) => `Conversation on ${platform}`, (platform: string) => `${platform} 对话`],
});

/** One simulated platform: choose a chat and who speaks, then write. */
export function ChatWindow({ channel }: { channel: SandboxState['channels'][number] }) {
  const t = useText();
  const { platform, chats, people } = channel;
  const name = usePlatformName()(platform);
  const [chat, setChat] = useState(chats[0]?.id ?? '');
  const [chosen, setPerson] = useState(people[0]?.id ?? '');
  const [isMention, setMention] = useState(true);
  const [text, setText] = useState('');
  const { send, busy } = useSend();
  const path = `/sandbox/${seg(platform)}/chats/${seg(chat)}/messages` as const;
  const answer = useGet(path, {}, { everyMs: 700 });
  const { items = [], typing = false } = answer.isPlaceholderData ? {} : (answer.data?.data ?? {});
  const room = chats.find(({ id }) => id === chat);
  const isGroup = room?.kind === 'group';
  const present = people.filter(({ id }) => room?.people.includes(id));
  // A direct chat is one person's: whoever spoke in the group before has none there.
  const person = (present.find(({ id }) => id === chosen) ?? present[0])?.id ?? '';

  const say = async (words: string) => {
    if (words.trim() === '') return;
    const body = { person, text: words.trim(), ...(isGroup ? { mention: isMention } : {}) };
    const sent = await send('POST', path, { body, refresh: [path] });
    if (sent.ok) setText('');
  };
  const onKey = (event: KeyboardEvent) => {
    // Enter also chooses a word while writing Chinese; that is not sending.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    void say(text);
  };
  return (
    <section className={`window is-${platform}`} aria-label={name}>
      <header className="window-head">
        <PlatformMark platform={platform} small />
        <h2>{name}</h2>
        <span className="grow" />
        <Segmented
          size="small"
          aria-label={`${t.chat}: ${name}`}
          value={chat}
          onChange={setChat}
          options={chats.map(({ id, kind, name: title }) => ({ value: id, label: t[kind], title }))}
        />
      </header>
      <Transcript items={items} label={t.log(name)} typing={typing ? t.typing : undefined}>
        <div className="window-empty">
          <p className="muted">{t.helloWhy}</p>
          <Button size="small" loading={busy} onClick={() => void say('hello')}>
            {t.hello}
          </Button>
        </div>
      </Transcript>
      <footer className="window-foot">
        <div className="row nowrap">
          <Select
            size="small"
            variant="filled"
            aria-label={`${t.as}: ${name}`}
            value={person}
            onChange={setPerson}
            style={{ minWidth: 100 }}
            popupMatchSelectWidth={false}
            options={present.map(({ id, name: label }) => ({ value: id, label }))}
          />
          {isGroup && (
            <Checkbox checked={isMention} onChange={(event) => setMention(event.target.checked)}>
              {t.mention}
            </Checkbox>
          )}
        </div>
        <div className="row nowrap" style={{ alignItems: 'flex-end' }}>
          <TextArea
            aria-label={t.say(name)}
            placeholder={t.placeholder}
            value={text}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={onKey}
            minRows={1}
            maxRows={5}
            maxLength={4000}
          />
          <Button
            type="primary"
            icon={<SendOutlined aria-hidden />}
            aria-label={`${t.send}: ${name}`}
            loading={busy}
            onClick={() => void say(text)}
          />
        </div>
      </footer>
    </section>
  );
}

interface TranscriptProps {
  items: readonly SandboxMessage[];
  label: string;
  typing: string | undefined;
  children: React.ReactNode;
}

function Transcript({ items, label, typing, children }: TranscriptProps) {
  const box = useRef<HTMLDivElement>(null);
  const last = items.at(-1);
  const mark = `${items.length} ${last?.text.length ?? 0} ${typing ?? ''}`;
  useEffect(() => {
    if (mark) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [mark]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <div className="window-log" ref={box} role="log" aria-label={label} tabIndex={0}>
      {items.length === 0 ? children : items.map((message) => <ChatMessage key={message.id} message={message} />)}
      {typing && <div className="window-typing">Parley {typing}</div>}
    </div>
  );
}
