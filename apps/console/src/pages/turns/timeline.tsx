import type { TimelineEntry } from '../../api/types.ts';
import { useFormat } from '../../i18n/format.ts';
import { texts } from '../../i18n/texts.ts';
import { useMaskName } from '../rules/mask-names.ts';
import { useDetailNames, useDetailValues } from './detail-words.ts';
import { detailsOf, toneOf } from './timeline-detail.ts';

const useText = texts({
  event: ['Event arrived', '收到事件'],
  received: ['Message received', '收到消息'],
  trigger: ['The bot is meant', '触发机器人'],
  taken: ['A worker takes it', '开始处理'],
  resumed: ['Resumed after a restart', '重启后继续'],
  guard: ['Guard', '安全防护'],
  rule: ['Rules', '规则'],
  cache: ['Answer cache', '回答缓存'],
  quota: ['Quota and budget', '配额与预算'],
  attempt: ['Asked a model', '调用模型'],
  model_attempt: ['Asked a model', '调用模型'],
  decided: ['Decided', '得出结果'],
  delivery: ['Sent', '发送'],
  delivered: ['Sent', '已发送'],
  operator: ['An operator stepped in', '管理员操作'],
  taken_over: ['Taken over by a human', '人工接管'],
  downgraded: ['Left to the cheaper model', '改用低价模型'],
  replay: ['Asked again', '重新提问'],
  merged: ['Answered together with', '合并回答'],
  label: ['What happened, in order', '处理过程'],
});

/** What happened to a question, step by step. */
export function Timeline({ entries }: { entries: readonly TimelineEntry[] }) {
  const t = useText();
  const format = useFormat();
  const names: Record<string, string> = useDetailNames();
  const values: Record<string, string> = useDetailValues();
  const maskName = useMaskName();
  return (
    <ol className="timeline" aria-label={t.label}>
      {entries.map((entry, index) => (
        <li key={`${index} ${entry.what}`} className={`is-${toneOf(entry)}`}>
          <span className="when">{format.ms(entry.at_ms)}</span>
          <div>
            <strong>{(t as Record<string, string>)[entry.what] ?? entry.what}</strong>
            <dl className="details small">
              {detailsOf(entry.detail, format.ms).map(([name, value]) => (
                <div key={name}>
                  <dt>{names[name] ?? maskName(name)}</dt> <dd>{values[value] ?? value}</dd>
                </div>
              ))}
            </dl>
          </div>
        </li>
      ))}
    </ol>
  );
}
