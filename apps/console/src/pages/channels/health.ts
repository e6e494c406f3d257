import type { ChannelStatus } from '../../api/types.ts';
import type { Tone } from '../../components/status.tsx';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  ok: ['Working', '正常'],
  quiet: ['No event yet', '尚无事件'],
  no_events: ['Connected, but no events', '已连接但收不到事件'],
  only_ignored: ['Hears, but answers nothing', '收到事件但从不回答'],
  signature_failures: ['Signatures fail', '签名校验失败'],
});

/** A channel's state as one word and a colour. */
export function useChannelHealth(): (status: ChannelStatus) => { tone: Tone; label: string } {
  const t = useText();
  return (status) => {
    if (status.deaf_warning) {
      const label = (t as Record<string, string>)[status.deaf_warning] ?? status.deaf_warning;
      return { tone: status.deaf_warning === 'signature_failures' ? 'bad' : 'warn', label };
    }
    if (!status.last_event_at) return { tone: 'plain', label: t.quiet };
    return { tone: 'good', label: t.ok };
  };
}
