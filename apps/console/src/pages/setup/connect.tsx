import { Button } from 'antd';
import { seg } from '../../api/client.ts';
import { useGet, useSend } from '../../api/hooks.ts';
import type { ChannelEntry } from '../../api/types.ts';
import { Panel } from '../../components/page.tsx';
import { Status } from '../../components/status.tsx';
import { texts } from '../../i18n/texts.ts';
import { SetupGuide } from '../channels/setup-guide.tsx';

const useText = texts({
  saved: ['The channel is saved', '渠道已保存'],
  socket: [
    'The hub keeps a connection to the platform by itself: no address to enter anywhere.',
    '服务会自动与平台保持连接，无需填写任何地址。',
  ],
  webhook: ['Tell the platform where to send events', '让平台知道事件发往何处'],
  register: ['Register it for me', '自动注册'],
  registered: ['Registered', '已注册'],
  first: ['First event', '首个事件'],
  arrived: ['Events arrive', '已收到事件'],
  waiting: ['None yet; you may go on and come back', '尚未收到，可先继续下一步'],
  next: ['Continue', '继续'],
});

/** Whether events reach the hub: the long connection's state, or the webhook's URL and the platform's checklist. */
export function Connect({ entry, next }: { entry: ChannelEntry; next: () => void }) {
  const t = useText();
  const { send, busy } = useSend();
  const path = `/channels/${seg(entry.id)}` as const;
  const live = useGet(path, {}, { everyMs: 2_000 });
  const status = live.data?.data.status ?? entry.status;
  const { platform, transport = 'webhook' } = entry.config;
  const isWebhook = transport === 'webhook';
  return (
    <div className="stack">
      <Panel title={isWebhook ? t.webhook : t.saved} {...(isWebhook ? {} : { hint: t.socket })}>
        <div className="row" role="status">
          <Status tone={status.last_event_at ? 'good' : 'busy'}>
            {t.first}: {status.last_event_at ? t.arrived : t.waiting}
          </Status>
          {isWebhook && platform === 'telegram' && (
            <Button
              size="small"
              loading={busy}
              onClick={() => void send('POST', `${path}/register-webhook`, { success: t.registered, refresh: [path] })}
            >
              {t.register}
            </Button>
          )}
        </div>
      </Panel>
      <SetupGuide platform={platform} channel={entry.id} transport={transport} />
      <div>
        <Button type="primary" onClick={next}>
          {t.next}
        </Button>
      </div>
    </div>
  );
}
