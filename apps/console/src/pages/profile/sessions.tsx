import { Button } from 'antd';
import { seg } from '../../api/client.ts';
import { useGet, useSend } from '../../api/hooks.ts';
import { Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { Badge } from '../../components/status.tsx';
import { Ago } from '../../components/time.tsx';
import { texts } from '../../i18n/texts.ts';
import { deviceOf } from './device.ts';

const useText = texts({
  title: ['Sessions', '登录会话'],
  hint: ['Where you are signed in.', '你当前登录的设备。'],
  current: ['this one', '当前'],
  end: ['End', '结束'],
  endOf: [(device: string) => `End the session on ${device}`, (device: string) => `结束 ${device} 上的会话`],
  ended: ['Ended', '已结束'],
  unknown: ['Unknown device', '未知设备'],
});

export function Sessions() {
  const t = useText();
  const { send, busy } = useSend();
  const answer = useGet('/me/sessions');
  return (
    <Panel title={t.title} hint={t.hint} flush>
      <Loaded of={answer}>
        {({ items }) => (
          <ul className="lines">
            {items.map(({ id, current, ip, user_agent, last_seen_at }) => {
              const device = deviceOf(user_agent) ?? t.unknown;
              return (
                <li key={id} className="row nowrap">
                  <div className="grow">
                    <div className="row">
                      {device} {current && <Badge tone="good">{t.current}</Badge>}
                    </div>
                    <div className="muted small">
                      {ip} · <Ago at={last_seen_at} />
                    </div>
                  </div>
                  {!current && (
                    <Button
                      size="small"
                      loading={busy}
                      aria-label={t.endOf(device)}
                      onClick={() =>
                        void send('DELETE', `/me/sessions/${seg(id)}`, { success: t.ended, refresh: ['/me/sessions'] })
                      }
                    >
                      {t.end}
                    </Button>
                  )}
                </li>
              );
            })}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
}
