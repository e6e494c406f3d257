import { CheckCircleFilled, ClockCircleOutlined, MinusCircleOutlined } from '@ant-design/icons';
import { seg } from '../../api/client.ts';
import { useGet } from '../../api/hooks.ts';
import type { ChannelSetup, Platform } from '../../api/types.ts';
import { CodeBlock, CopyButton, CopyField } from '../../components/copy.tsx';
import { Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { Badge, Notice } from '../../components/status.tsx';
import { texts, useLanguage } from '../../i18n/texts.ts';

const useText = texts({
  url: ['Webhook URL', 'Webhook 地址'],
  urlHint: ['Paste it where the platform asks for the request URL.', '填写到平台要求的请求地址处。'],
  noUrl: [
    'This is the address of this page. The platform must be able to reach it: set PARLEY_PUBLIC_URL to the public address of this hub, or choose the long connection.',
    '这是当前页面的地址，平台必须能访问到它：请将 PARLEY_PUBLIC_URL 设为本服务的公网地址，或改用长连接。',
  ],
  steps: ['On the platform', '平台侧操作'],
  manifest: ['App manifest', '应用清单（Manifest）'],
  manifestHint: ['“Create an app from a manifest” takes this as it is.', '在“从清单创建应用”中原样粘贴即可。'],
  copyManifest: ['Copy the manifest', '复制清单'],
  checklist: ['Scopes and events', '权限与事件'],
  checklistHint: [
    'Turns green as events arrive; this list looks again by itself.',
    '收到事件后会自动变绿，无需手动刷新。',
  ],
  scope: ['scope', '权限'],
  event: ['event', '事件'],
  setting: ['setting', '设置'],
  done: ['Seen', '已确认'],
  waiting: ['Not seen yet', '尚未收到'],
  unknown: ['Cannot be checked from here', '无法自动检查'],
});

/** What is to be done on the platform's own pages. Polls, so that the checklist turns green while one looks at it. */
export function SetupGuide({
  platform,
  channel,
  transport,
}: {
  platform: Platform;
  channel: string;
  transport: string;
}) {
  const t = useText();
  const answer = useGet(`/channels/setup/${seg(platform)}`, { channel }, { everyMs: 3_000 });
  return (
    <Loaded of={answer} rows={6}>
      {(setup) => (
        <div className="stack">
          {transport === 'webhook' && <WebhookUrl url={setup.webhook_url} platform={platform} channel={channel} />}
          {setup.steps.length > 0 && <Steps steps={setup.steps} />}
          {setup.manifest && (
            <Panel
              title={t.manifest}
              hint={t.manifestHint}
              extra={<CopyButton text={JSON.stringify(setup.manifest, null, 2)} label={t.copyManifest} />}
            >
              <CodeBlock label={t.manifest}>{JSON.stringify(setup.manifest, null, 2)}</CodeBlock>
            </Panel>
          )}
          {setup.checklist.length > 0 && <Checklist items={setup.checklist} />}
        </div>
      )}
    </Loaded>
  );
}

/** Without a public URL in the settings, the address the console was opened at is the best guess. */
function WebhookUrl({ url, platform, channel }: { url: string | null; platform: Platform; channel: string }) {
  const t = useText();
  const shown = url ?? `${window.location.origin}/webhooks/${platform}/${channel}`;
  return (
    <Panel title={t.url} hint={t.urlHint}>
      <div className="stack">
        <CopyField value={shown} what={t.url} />
        {url === null && <Notice tone="warn">{t.noUrl}</Notice>}
      </div>
    </Panel>
  );
}

function Steps({ steps }: { steps: ChannelSetup['steps'] }) {
  const t = useText();
  const language = useLanguage();
  return (
    <Panel title={t.steps}>
      <ol className="stack" style={{ gap: 10 }}>
        {steps.map((step, index) => (
          <li key={step.en} className="row nowrap" style={{ alignItems: 'flex-start', gap: 12 }}>
            <Badge tone="accent">{index + 1}</Badge>
            <span>{step[language]}</span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

function Checklist({ items }: { items: ChannelSetup['checklist'] }) {
  const t = useText();
  const language = useLanguage();
  return (
    <Panel title={t.checklist} hint={t.checklistHint}>
      <ul className="check-list" aria-live="polite">
        {items.map(({ id, kind, name, why, done }) => (
          <li key={id}>
            {done === true ? (
              <CheckCircleFilled className="good" aria-label={t.done} style={{ marginTop: 4 }} />
            ) : done === false ? (
              <ClockCircleOutlined className="warn" aria-label={t.waiting} style={{ marginTop: 4 }} />
            ) : (
              <MinusCircleOutlined className="faint" aria-label={t.unknown} style={{ marginTop: 4 }} />
            )}
            <div className="grow">
              <span className="row">
                <span className="mono">{name}</span> <Badge>{t[kind]}</Badge>
              </span>
              <div className="muted small">{why[language]}</div>
            </div>
            {kind !== 'setting' && <CopyButton text={name} what={name} />}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
