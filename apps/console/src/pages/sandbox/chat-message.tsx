import type { SandboxMessage } from '../../api/types.ts';
import { RichText } from '../../components/rich-text.tsx';
import { useFormat } from '../../i18n/format.ts';
import { texts } from '../../i18n/texts.ts';

const useText = texts({ edited: ['edited', '已编辑'], thread: ['in the thread', '话题回复'] });

/** One message as its platform would show it; the look is in sandbox.css. */
export function ChatMessage({ message }: { message: SandboxMessage }) {
  const t = useText();
  const format = useFormat();
  const { from, name, text, at, edited, thread } = message;
  return (
    <article className={`message is-${from} ${thread ? 'in-thread' : ''}`}>
      <span className="message-face" aria-hidden>
        {name.slice(0, 1)}
      </span>
      <div className="message-body">
        <div className="message-meta">
          <strong>{name}</strong> <time dateTime={at}>{format.clock(at)}</time>
          {edited && <span> · {t.edited}</span>}
          {thread && <span> · {t.thread}</span>}
        </div>
        <div className="message-text">
          <RichText>{text}</RichText>
        </div>
      </div>
    </article>
  );
}
