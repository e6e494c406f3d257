import { Button } from 'antd';
import { useState } from 'react';
import { seg } from '../../api/client.ts';
import { useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { ChannelEntry, CheckResult } from '../../api/types.ts';
import { BarList } from '../../charts/bars.tsx';
import { CopyField } from '../../components/copy.tsx';
import { Panel } from '../../components/page.tsx';
import { State } from '../../components/states.tsx';
import { Notice } from '../../components/status.tsx';
import { Ago, At } from '../../components/time.tsx';
import { useFormat } from '../../i18n/format.ts';
import { texts } from '../../i18n/texts.ts';
import { CheckSteps } from './check-steps.tsx';
import { useIgnoreReason } from './ignore-reasons.ts';

const useText = texts({
  connection: ['Connection', '连接'],
  transport: ['Events arrive by', '接收方式'],
  webhook: ['webhook', 'Webhook'],
  socket: ['long connection', '长连接'],
  polling: ['polling', '轮询'],
  url: ['Webhook URL', 'Webhook 地址'],
  lastEvent: ['Last event', '最近事件'],
  lastMessage: ['Last message for the bot', '最近一条发给机器人的消息'],
  lastReply: ['Last reply', '最近回复'],
  failures: ['Failed signatures, 24 h', '24 小时签名失败'],
  check: ['Check the connection now', '立即检查连接'],
  register: ['Register the webhook', '注册 Webhook'],
  registered: ['Registered', '已注册'],
  heard: ['What it heard but did not answer, 24 h', '24 小时内收到但未回答的事件'],
  none: ['Nothing was ignored', '没有被忽略的事件'],
  no_events: [
    'The channel is set up but nothing arrives. Check the webhook URL and the subscribed events on the platform.',
    '渠道已配置，但收不到任何事件。请检查平台上的 Webhook 地址和已订阅的事件。',
  ],
  only_ignored: [
    'Events arrive, but none is for the bot. Look below at why, and try it under “Test”.',
    '能收到事件，但都不需要机器人回答。请查看下方原因，并在“测试”中验证。',
  ],
  signature_failures: [
    'Events arrive whose signature is wrong. The secret here and the one on the platform probably differ.',
    '收到的事件签名不正确，此处的密钥可能与平台上的不一致。',
  ],
});

/** Whether the bot hears and answers, and what to do when it does not. */
export function ChannelState({ entry }: { entry: ChannelEntry }) {
  const t = useText();
  const format = useFormat();
  const { can } = useSession();
  const reason = useIgnoreReason();
  const { send, busy } = useSend();
  const [result, setResult] = useState<CheckResult>();
  const { status, config, id } = entry;
  const check = async () => {
    const sent = await send('POST', `/channels/${seg(id)}/probe`);
    if (sent.ok) setResult(sent.data);
  };
  const warning = status.deaf_warning && ((t as Record<string, unknown>)[status.deaf_warning] as string | undefined);
  const ignored = Object.entries(status.ignored_24h).sort(([, a], [, b]) => b - a);
  const transport = (t as Record<string, unknown>)[status.transport];
  return (
    <div className="stack">
      {status.deaf_warning && (
        <Notice tone={status.deaf_warning === 'signature_failures' ? 'bad' : 'warn'}>
          {warning ?? status.deaf_warning}
        </Notice>
      )}
      <div className="grid halves">
        <Panel
          title={t.connection}
          extra={
            can('channel:test', config.tenant) && (
              <Button size="small" loading={busy} onClick={() => void check()}>
                {t.check}
              </Button>
            )
          }
        >
          <div className="stack">
            <dl className="facts">
              <dt>{t.transport}</dt>
              <dd>{typeof transport === 'string' ? transport : status.transport}</dd>
              <dt>{t.lastEvent}</dt>
              <dd>
                <At at={status.last_event_at} />
              </dd>
              <dt>{t.lastMessage}</dt>
              <dd>
                <At at={status.last_message_at} />
              </dd>
              <dt>{t.lastReply}</dt>
              <dd>
                <At at={status.last_reply_at} />
              </dd>
              <dt>{t.failures}</dt>
              <dd className={status.signature_failures_24h > 0 ? 'bad' : ''}>
                {format.number(status.signature_failures_24h)}{' '}
                {status.last_signature_failure_at && (
                  <span className="muted">
                    · <Ago at={status.last_signature_failure_at} />
                  </span>
                )}
              </dd>
            </dl>
            {status.webhook_url && (
              <div className="stack tight">
                <span className="muted">{t.url}</span>
                <CopyField value={status.webhook_url} what={t.url} />
              </div>
            )}
            {status.webhook_url && config.platform === 'telegram' && can('channel:write', config.tenant) && (
              <Button
                loading={busy}
                onClick={() =>
                  void send('POST', `/channels/${seg(id)}/register-webhook`, {
                    success: t.registered,
                    refresh: ['/channels'],
                  })
                }
              >
                {t.register}
              </Button>
            )}
            {result && <CheckSteps result={result} />}
          </div>
        </Panel>
        <Panel title={t.heard}>
          {ignored.length === 0 ? (
            <State title={t.none} />
          ) : (
            <BarList
              bars={ignored.map(([key, count]) => ({
                key,
                name: reason(key),
                label: reason(key),
                value: count,
                shown: format.number(count),
              }))}
            />
          )}
        </Panel>
      </div>
    </div>
  );
}
