import { Button, Form, Input } from 'antd';
import { useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import { applyFieldErrors } from '../../components/form/field-errors.ts';
import { Page, Panel } from '../../components/page.tsx';
import { Badge } from '../../components/status.tsx';
import { texts } from '../../i18n/texts.ts';
import { PasswordForm } from './password.tsx';
import { Sessions } from './sessions.tsx';
import { Tokens } from './tokens.tsx';
import { Totp } from './totp.tsx';

const useText = texts({
  title: ['Profile & security', '个人资料与安全'],
  lead: ['What is yours alone.', '仅与你自己有关的设置。'],
  you: ['You', '个人资料'],
  username: ['User name', '用户名'],
  name: ['Name', '姓名'],
  email: ['E-mail', '邮箱'],
  emailRule: ['An e-mail address', '请输入邮箱地址'],
  save: ['Save', '保存'],
  saved: ['Saved', '已保存'],
  roles: ['Roles', '角色'],
  everywhere: ['everywhere', '全局'],
  password: ['Password', '密码'],
  passwordElsewhere: [
    'You sign in with another service; the password is kept there.',
    '你通过第三方登录，密码由其管理。',
  ],
});

export default function ProfilePage() {
  const t = useText();
  const { me } = useSession();
  return (
    <Page title={t.title} lead={t.lead}>
      <div className="grid halves">
        <div className="stack">
          <Panel title={t.you}>
            <Details />
          </Panel>
          <Panel title={t.password}>
            {me.user.method === 'oidc' ? <p className="muted">{t.passwordElsewhere}</p> : <PasswordForm />}
          </Panel>
        </div>
        <div className="stack">
          <Totp />
          <Sessions />
          <Tokens />
        </div>
      </div>
    </Page>
  );
}

function Details() {
  const t = useText();
  const { me, reload } = useSession();
  const { send, busy } = useSend();
  const [form] = Form.useForm<{ name: string; email?: string }>();
  const save = async ({ name, email }: { name: string; email?: string }) => {
    const sent = await send('PATCH', '/me', { body: { name, email: email || null }, success: t.saved });
    if (sent.ok) await reload();
    else applyFieldErrors(form, sent.error);
  };
  return (
    <Form
      form={form}
      layout="vertical"
      requiredMark={false}
      initialValues={{ name: me.user.name, email: me.user.email ?? undefined }}
      onFinish={save}
      style={{ maxWidth: 400 }}
    >
      <Form.Item label={t.username}>
        <span className="mono">{me.user.username}</span>
      </Form.Item>
      <Form.Item name="name" label={t.name}>
        <Input autoComplete="name" maxLength={200} />
      </Form.Item>
      <Form.Item name="email" label={t.email} rules={[{ type: 'email', message: t.emailRule }]}>
        <Input autoComplete="email" inputMode="email" />
      </Form.Item>
      <Form.Item label={t.roles}>
        <div className="row">
          {me.roles.map(({ tenant, role }) => (
            <Badge key={`${tenant} ${role}`} tone="accent">
              {role} · {tenant === '*' ? t.everywhere : tenant}
            </Badge>
          ))}
        </div>
      </Form.Item>
      <Button htmlType="submit" loading={busy}>
        {t.save}
      </Button>
    </Form>
  );
}
