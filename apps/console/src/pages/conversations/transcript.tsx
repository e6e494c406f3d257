import { Button } from 'antd';
import { useEffect, useRef } from 'react';
import type { List } from '../../api/hooks.ts';
import type { ConversationMessage } from '../../api/types.ts';
import { RichText } from '../../components/rich-text.tsx';
import { Failed, State } from '../../components/states.tsx';
import { useFormat } from '../../i18n/format.ts';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  label: ['Transcript', '对话记录'],
  earlier: ['Show earlier messages', '查看更早的消息'],
  user: ['Person', '用户'],
  assistant: ['Bot', '机器人'],
  human: [(by: string) => `${by} (human)`, (by: string) => `${by}（人工）`],
  why: ['How did this come about?', '查看处理过程'],
  empty: ['No text is kept', '没有保存对话内容'],
  emptyWhy: ['The tenant keeps no transcripts, or they have expired.', '该租户不保留对话内容，或内容已过期。'],
});

interface Props {
  of: List<ConversationMessage>;
  chosen: string | undefined;
  onChoose: (turn: string) => void;
}

/** What was said, the oldest first. The API lists the newest first. */
export function Transcript({ of, chosen, onChoose }: Props) {
  const t = useText();
  const format = useFormat();
  const box = useRef<HTMLDivElement>(null);
  const newest = of.items[0]?.id;
  useEffect(() => {
    if (newest) box.current?.scrollTo({ top: box.current.scrollHeight });
  }, [newest]);
  if (of.error && of.items.length === 0) return <Failed error={of.error} retry={() => void of.refetch()} />;
  if (!of.isPending && of.items.length === 0) return <State title={t.empty}>{t.emptyWhy}</State>;
  const nameOf = ({ role, by }: ConversationMessage) => (role === 'human' ? t.human(by ?? '–') : t[role]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <div className="log" ref={box} role="log" aria-label={t.label} tabIndex={0} aria-busy={of.isPending}>
      {of.hasNextPage && (
        <Button type="link" loading={of.isFetchingNextPage} onClick={() => void of.fetchNextPage()}>
          {t.earlier}
        </Button>
      )}
      {[...of.items].reverse().map((message) => (
        <article key={message.id} className={`bubble-line is-${message.role}`}>
          <div className="small muted">
            {nameOf(message)} · <time dateTime={message.at}>{format.time(message.at)}</time>
          </div>
          <div className={`bubble is-${message.role}`}>
            <RichText>{message.content}</RichText>
          </div>
          {message.role === 'assistant' && message.turn && (
            <button
              type="button"
              className="link-button small"
              aria-pressed={message.turn === chosen}
              onClick={() => message.turn && onChoose(message.turn)}
            >
              {t.why}
            </button>
          )}
        </article>
      ))}
    </div>
  );
}
