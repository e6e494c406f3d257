import { AppstoreOutlined, PoweroffOutlined } from '@ant-design/icons';
import { Button, Spin } from 'antd';
import { useGet, useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import { Page } from '../../components/page.tsx';
import { Loaded, Needs, State } from '../../components/states.tsx';
import { texts } from '../../i18n/texts.ts';
import { ChatWindow } from './chat-window.tsx';
import { WhatNext } from './what-next.tsx';
import './sandbox.css';

const useText = texts({
  title: ['Sandbox', '沙盒'],
  lead: [
    'Feishu, Telegram and Slack, simulated. What you write here takes the same way as a real message, signature included.',
    '模拟的飞书、Telegram 与 Slack。你在这里发送的消息与真实消息走完全相同的流程，包括签名校验。',
  ],
  off: ['Try the hub without any account', '无需任何账号即可体验'],
  offWhy: [
    'Starts three simulated platforms inside this hub, each with a bot. Write to them as you would on the real ones.',
    '在本服务内启动三个模拟平台，每个平台一个机器人，像在真实平台上一样与它们对话即可。',
  ],
  start: ['Start the sandbox', '启动沙盒'],
  stop: ['Stop the sandbox', '停止沙盒'],
  starting: ['Starting …', '正在启动……'],
  absent: ['The sandbox is off on this hub', '本服务未启用沙盒'],
  absentWhy: [
    'It is for trying things out. Start the hub with PARLEY_SANDBOX=on to have it.',
    '沙盒仅用于试用，可通过 PARLEY_SANDBOX=on 启动服务来启用。',
  ],
});

export default function SandboxPage() {
  const t = useText();
  const { me } = useSession();
  return (
    <Needs action="sandbox:use">
      {me.features.sandbox ? (
        <Sandbox />
      ) : (
        <Page title={t.title}>
          <State icon={<AppstoreOutlined />} title={t.absent}>
            {t.absentWhy}
          </State>
        </Page>
      )}
    </Needs>
  );
}

function Sandbox() {
  const t = useText();
  const { send, busy } = useSend();
  const state = useGet('/sandbox', {}, { everyMs: 2_000 });
  const isOn = state.data?.data.state === 'on';
  const stop = isOn && (
    <Button
      icon={<PoweroffOutlined aria-hidden />}
      loading={busy}
      onClick={() => void send('POST', '/sandbox/stop', { refresh: ['/sandbox', '/channels'] })}
    >
      {t.stop}
    </Button>
  );
  return (
    <Page title={t.title} lead={t.lead} actions={stop}>
      <Loaded of={state}>
        {(sandbox) => {
          if (sandbox.state === 'on') {
            return (
              <>
                <WhatNext />
                <div className="sandbox">
                  {sandbox.channels.map((channel) => (
                    <ChatWindow key={channel.platform} channel={channel} />
                  ))}
                </div>
              </>
            );
          }
          const start = () => void send('POST', '/sandbox/start', { refresh: ['/sandbox', '/channels', '/me'] });
          return (
            <div className="card">
              <State
                icon={sandbox.state === 'starting' ? <Spin size="small" /> : <AppstoreOutlined />}
                title={sandbox.state === 'starting' ? t.starting : t.off}
                action={
                  sandbox.state === 'off' && (
                    <Button type="primary" size="large" loading={busy} onClick={start}>
                      {t.start}
                    </Button>
                  )
                }
              >
                {sandbox.error ?? t.offWhy}
              </State>
            </div>
          );
        }}
      </Loaded>
    </Page>
  );
}
