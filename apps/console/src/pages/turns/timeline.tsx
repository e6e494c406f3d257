import type { TimelineEntry } from '../../api/types.ts';
import { useFormat } from '../../i18n/format.ts';
import { texts } from '../../i18n/texts.ts';
import { toneOf } from './timeline-tone.ts';

const useText = texts({
  event: ['Event arrived', '收到事件'],
  received: ['Message received', '收到消息'],
  trigger: ['Trigger', '触发判断'],
  guard: ['Guard', '安全防护'],
  rule: ['Rules', '规则'],
  cache: ['Answer cache', '回答缓存'],
  quota: ['Quota and budget', '配额与预算'],
  attempt: ['Asked a model', '调用模型'],
  model: ['Model', '模型'],
  delivery: ['Sent', '发送'],
  answered: ['Answered', '已回答'],
  output: ['Guard on the answer', '回答的安全检查'],
  settle: ['Settled', '结算'],
  label: ['What happened, in order', '处理过程'],
});

/** What happened to a question, step by step. */
export function Timeline({ entries }: { entries: readonly TimelineEntry[] }) {
  const t = useText();
  const format = useFormat();
  return (
    <ol className="timeline" aria-label={t.label}>
      {entries.map((entry, index) => (
        <li key={index} className={`is-${toneOf(entry)}`}>
          <span className="when">{format.ms(entry.at_ms)}</span>
          <div>
            <strong>{(t as Record<string, string>)[entry.what] ?? entry.what}</strong>
            <Detail detail={entry.detail} />
          </div>
        </li>
      ))}
    </ol>
  );
}

function Detail({ detail }: { detail: unknown }) {
  if (detail === undefined || detail === null) return null;
  if (typeof detail !== 'object') return <div className="muted pre">{String(detail)}</div>;
  const entries = Object.entries(detail);
  if (entries.length === 0) return null;
  return (
    <div className="muted small pre">
      {entries
        .map(([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
        .join('  ·  ')}
    </div>
  );
}
