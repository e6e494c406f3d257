import { useQueryClient } from '@tanstack/react-query';
import { Button, Divider, Form, Input, type InputRef } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { API_ROOT, ApiError, call, queryString, setCsrfToken } from '../../api/client.ts';
import { useGet } from '../../api/hooks.ts';
import { useErrorText } from '../../components/error-text.ts';
import { Notice } from '../../components/status.tsx';
import { texts } from '../../i18n/texts.ts';
import { Choices } from '../../shell/choices.tsx';
import { Logo } from '../../shell/logo.tsx';

const useText = texts({
  title: ['Sign in to Parley', '登录 Parley'],
  lead: ['One hub for your Feishu, Telegram and Slack bots.', '统一管理飞书、Telegram 与 Slack 机器人。'],
  username: ['User name', '用户名'],
  password: ['Password', '密码'],
  signIn: ['Sign in', '登录'],
  code: ['Code from your authenticator app', '身份验证器中的验证码'],
  codeWhy: ['Or one of your recovery codes.', '也可以输入一个恢复码。'],
  back: ['Use another account', '换一个账号'],
  wrong: ['User name or password is wrong.', '用户名或密码错误。'],
  wrongCode: ['The code is wrong or was used already.', '验证码错误或已被使用。'],
  wait: [
    (seconds: number) => `Too many attempts. Try again in ${Math.ceil(seconds / 60)} min.`,
    (seconds: number) => `尝试次数过多，请 ${Math.ceil(seconds / 60)} 分钟后再试。`,
  ],
  or: ['or', '或'],
  oidc: [(name: string) => `Continue with ${name}`, (name: string) => `使用 ${name} 登录`],
  oidcFailed: ['Signing in with the other service did not work.', '第三方登录失败。'],
  needed: ['Please fill this in', '请填写此项'],
});

interface Credentials {
  username: string;
  password: string;
  code?: string;
}

export function SignIn({ returnTo }: { returnTo: string }) {
  const t = useText();
  const client = useQueryClient();
  const errorText = useErrorText();
  const methods = useGet('/auth/methods');
  const [known, setKnown] = useState<Credentials>();
  const [problem, setProblem] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const code = useRef<InputRef>(null);
  const first = useRef<InputRef>(null);

  useEffect(() => {
    document.title = `${t.title} · Parley`;
  }, [t]);
  useEffect(() => {
    (known ? code : first).current?.focus();
  }, [known]);
  useEffect(() => {
    if (new URLSearchParams(window.location.search).has('oidc_error')) setProblem(t.oidcFailed);
  }, [t]);

  const signIn = async (given: Credentials) => {
    setBusy(true);
    setProblem(undefined);
    try {
      const { data } = await call('POST', '/auth/login', { body: given });
      setCsrfToken(data.csrf_token);
      await client.resetQueries({ queryKey: ['/me'] });
    } catch (thrown) {
      const error = thrown instanceof ApiError ? thrown : new ApiError(0, 'network', '');
      const isSecondStep = known !== undefined;
      if (error.code === 'totp_required' && !isSecondStep) setKnown(given);
      else if (error.code === 'totp_required') setProblem(t.wrongCode);
      else if (error.code === 'unauthorized') setProblem(isSecondStep ? t.wrongCode : t.wrong);
      else if (error.retryAfterSeconds && error.status === 429) setProblem(t.wait(error.retryAfterSeconds));
      else setProblem(errorText(error));
    } finally {
      setBusy(false);
    }
  };

  const oidc = methods.data?.data.oidc;
  const required = [{ required: true, message: t.needed }];
  return (
    <main className="center">
      <div className="sign-in stack loose">
        <div className="row spread">
          <Logo />
          <Choices />
        </div>
        <section className="card">
          <div className="card-body stack" style={{ padding: 28 }}>
            <div>
              <h1 style={{ fontSize: 20, fontWeight: 650 }}>{t.title}</h1>
              <p className="muted">{t.lead}</p>
            </div>
            {problem && (
              <Notice tone="bad" live>
                {problem}
              </Notice>
            )}
            {known ? (
              <Form
                layout="vertical"
                requiredMark={false}
                onFinish={({ code }: { code: string }) => signIn({ ...known, code: code.trim() })}
              >
                <Form.Item name="code" label={t.code} extra={t.codeWhy} rules={required}>
                  <Input ref={code} autoComplete="one-time-code" inputMode="text" maxLength={32} />
                </Form.Item>
                <Button type="primary" htmlType="submit" block loading={isBusy}>
                  {t.signIn}
                </Button>
                <Button type="link" block onClick={() => setKnown(undefined)}>
                  {t.back}
                </Button>
              </Form>
            ) : (
              <Form<Credentials> layout="vertical" requiredMark={false} onFinish={signIn}>
                <Form.Item name="username" label={t.username} rules={required}>
                  <Input ref={first} autoComplete="username" autoCapitalize="none" spellCheck={false} />
                </Form.Item>
                <Form.Item name="password" label={t.password} rules={required}>
                  <Input.Password autoComplete="current-password" />
                </Form.Item>
                <Button type="primary" htmlType="submit" block loading={isBusy}>
                  {t.signIn}
                </Button>
              </Form>
            )}
            {oidc && !known && (
              <div>
                <Divider plain>{t.or}</Divider>
                <Button block href={`${API_ROOT}/auth/oidc/start${queryString({ return_to: returnTo })}`}>
                  {t.oidc(oidc.name)}
                </Button>
              </div>
            )}
          </div>
        </section>
      </div>
    </main>
  );
}
