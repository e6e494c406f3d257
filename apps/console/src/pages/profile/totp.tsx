import { Button, Form, Input, QRCode } from 'antd';
import { useState } from 'react';
import { useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import { CopyButton, CopyField } from '../../components/copy.tsx';
import { Panel } from '../../components/page.tsx';
import { Badge, Notice } from '../../components/status.tsx';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  title: ['Two-factor sign-in', '两步验证'],
  hint: ['A code from an authenticator app, besides the password.', '登录时除密码外还需身份验证器中的验证码。'],
  on: ['on', '已开启'],
  off: ['off', '未开启'],
  setUp: ['Set up', '设置'],
  scan: ['Scan this with the app, then type the code it shows.', '使用身份验证器扫描二维码，然后输入显示的验证码。'],
  qr: ['QR code with the secret', '包含密钥的二维码'],
  secret: ['secret', '密钥'],
  code: ['Code', '验证码'],
  confirm: ['Switch on', '开启'],
  recovery: ['Recovery codes', '恢复码'],
  recoveryWhy: [
    'Each works once instead of a code. Shown once: keep them somewhere safe.',
    '每个可代替验证码使用一次。仅显示这一次，请妥善保存。',
  ],
  copyAll: ['Copy all', '全部复制'],
  kept: ['I have kept them', '我已保存'],
  password: ['Your password, to switch it off', '输入密码以关闭'],
  switchOff: ['Switch off', '关闭'],
  switchedOff: ['Switched off', '已关闭'],
});

/** Setting up a second factor. The QR code is drawn here: the secret goes nowhere else. */
export function Totp() {
  const t = useText();
  const { me, reload } = useSession();
  const { send, busy } = useSend();
  const [pending, setPending] = useState<{ secret: string; uri: string }>();
  const [codes, setCodes] = useState<string[]>();
  const isOn = me.user.totp_enabled;

  const begin = async () => {
    const sent = await send('POST', '/me/totp');
    if (sent.ok) setPending(sent.data);
  };
  const confirm = async ({ code }: { code: string }) => {
    const sent = await send('POST', '/me/totp/confirm', { body: { code: code.trim() } });
    if (!sent.ok) return;
    setPending(undefined);
    setCodes(sent.data.recovery_codes);
  };
  const switchOff = async ({ password }: { password: string }) => {
    const sent = await send('DELETE', '/me/totp', { body: { password }, success: t.switchedOff });
    if (sent.ok) await reload();
  };
  const finish = async () => {
    setCodes(undefined);
    await reload();
  };
  return (
    <Panel title={t.title} hint={t.hint} extra={isOn ? <Badge tone="good">{t.on}</Badge> : <Badge>{t.off}</Badge>}>
      {codes ? (
        <div className="stack">
          <Notice tone="warn" title={t.recovery}>
            {t.recoveryWhy}
          </Notice>
          <ul className="grid mono" style={{ '--min': '120px', gap: 8 } as React.CSSProperties}>
            {codes.map((code) => (
              <li key={code}>{code}</li>
            ))}
          </ul>
          <div className="row">
            <CopyButton text={codes.join('\n')} label={t.copyAll} />
            <Button type="primary" onClick={() => void finish()}>
              {t.kept}
            </Button>
          </div>
        </div>
      ) : pending ? (
        <div className="stack">
          <p>{t.scan}</p>
          <div role="img" aria-label={t.qr}>
            <QRCode value={pending.uri} type="svg" size={176} color="#000000" bgColor="#ffffff" />
          </div>
          <CopyField value={pending.secret} what={t.secret} />
          <Form layout="inline" onFinish={confirm}>
            <Form.Item name="code" label={t.code} rules={[{ required: true }]}>
              <Input inputMode="numeric" autoComplete="one-time-code" maxLength={8} style={{ width: 120 }} />
            </Form.Item>
            <Button type="primary" htmlType="submit" loading={busy}>
              {t.confirm}
            </Button>
          </Form>
        </div>
      ) : isOn ? (
        <Form layout="vertical" requiredMark={false} onFinish={switchOff} style={{ maxWidth: 400 }}>
          <Form.Item name="password" label={t.password} rules={[{ required: true }]}>
            <Input.Password autoComplete="current-password" />
          </Form.Item>
          <Button danger htmlType="submit" loading={busy}>
            {t.switchOff}
          </Button>
        </Form>
      ) : (
        <Button loading={busy} onClick={() => void begin()}>
          {t.setUp}
        </Button>
      )}
    </Panel>
  );
}
