import { useParams } from 'react-router';
import { seg } from '../../api/client.ts';
import { useGet } from '../../api/hooks.ts';
import { OriginBadge } from '../../components/origin.tsx';
import { Page } from '../../components/page.tsx';
import { PageTabs } from '../../components/page-tabs.tsx';
import { PlatformMark } from '../../components/platform.tsx';
import { Loaded, Needs } from '../../components/states.tsx';
import { Status } from '../../components/status.tsx';
import { texts } from '../../i18n/texts.ts';
import { useChannelHealth } from './health.ts';
import { ChannelSettings } from './settings.tsx';
import { SetupGuide } from './setup-guide.tsx';
import { ChannelState } from './state.tsx';
import { SendTest } from './test-message.tsx';
import { TriggerTester } from './trigger-test.tsx';

const useText = texts({
  channels: ['Channels', '渠道'],
  state: ['State', '状态'],
  settings: ['Settings', '设置'],
  test: ['Test', '测试'],
  setup: ['Platform setup', '平台配置'],
});

export default function ChannelPage() {
  const t = useText();
  const { channel = '' } = useParams();
  const answer = useGet(`/channels/${seg(channel)}`, {}, { everyMs: 15_000 });
  const health = useChannelHealth();
  const entry = answer.data?.data;
  const state = entry && health(entry.status);
  return (
    <Page
      title={channel}
      back={{ to: '/channels', label: t.channels }}
      mark={
        entry && (
          <span className="row">
            <PlatformMark platform={entry.config.platform} small alone />
            {state && <Status tone={state.tone}>{state.label}</Status>}
            <OriginBadge origin={entry.origin} />
          </span>
        )
      }
    >
      <Needs action="channel:read">
        <Loaded of={answer} rows={8}>
          {(data) => (
            <PageTabs
              items={[
                { key: 'state', label: t.state, children: <ChannelState entry={data} /> },
                { key: 'settings', label: t.settings, children: <ChannelSettings answer={answer} /> },
                {
                  key: 'test',
                  label: t.test,
                  children: (
                    <div className="grid halves">
                      <TriggerTester channel={data.id} />
                      <SendTest entry={data} />
                    </div>
                  ),
                },
                {
                  key: 'setup',
                  label: t.setup,
                  children: (
                    <SetupGuide platform={data.config.platform} channel={data.id} transport={data.status.transport} />
                  ),
                },
              ]}
            />
          )}
        </Loaded>
      </Needs>
    </Page>
  );
}
