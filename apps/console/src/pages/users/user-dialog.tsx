import { DeleteOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Form, Input, Modal, Select } from 'antd';
import { seg } from '../../api/client.ts';
import { useGet, useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { RoleGrant, User } from '../../api/types.ts';
import { applyFieldErrors } from '../../components/form/field-errors.ts';
import { prune } from '../../components/form/prune.ts';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  add: ['Add a user', '添加用户'],
  edit: ['Edit user', '编辑用户'],
  username: ['User name', '用户名'],
  name: ['Name', '姓名'],
  email: ['E-mail', '邮箱'],
  emailRule: ['An e-mail address', '请输入邮箱地址'],
  roles: ['Roles', '角色'],
  role: [(n: number) => `Role ${n}`, (n: number) => `角色 ${n}`],
  where: [(n: number) => `Where role ${n} holds`, (n: number) => `角色 ${n} 的范围`],
  everywhere: ['everywhere', '全局'],
  addRole: ['Add a role', '添加角色'],
  remove: ['Remove', '移除'],
  save: ['Save', '保存'],
  saved: ['Saved', '已保存'],
  cancel: ['Cancel', '取消'],
  hint: ['A password is made and shown to you once.', '系统将生成密码并仅显示一次。'],
});

interface Values {
  username: string;
  name?: string;
  email?: string;
  roles: RoleGrant[];
}

interface MadeUser extends User {
  initial_password?: string;
}

interface Props {
  user: User | undefined;
  close: () => void;
  /** With the generated password of a new user. */
  made: (initialPassword: string | undefined) => void;
}

export function UserDialog({ user, close, made }: Props) {
  const t = useText();
  const { me } = useSession();
  const { send, busy } = useSend();
  const [form] = Form.useForm<Values>();
  const roles = useGet('/roles');
  // The list's row is shown at once; what is changed is the state the server names.
  const current = useGet(`/users/${seg(user?.id ?? '')}`, {}, { enabled: user !== undefined });
  const save = async ({ username, ...values }: Values) => {
    const sent = user
      ? await send('PATCH', `/users/${seg(user.id)}`, {
          body: { ...values, name: values.name ?? '', email: values.email || null },
          etag: current.data?.etag,
          success: t.saved,
          refresh: ['/users'],
          onStale: close,
        })
      : await send('POST', '/users', {
          body: prune({ username, ...values }),
          refresh: ['/users'],
          creates: true,
        });
    if (sent.ok) made((sent.data as MadeUser).initial_password);
    else applyFieldErrors(form, sent.error);
  };
  const tenants = [
    { value: '*', label: t.everywhere },
    ...me.tenants.map(({ id, name }) => ({ value: id, label: name })),
  ];
  return (
    <Modal
      open
      title={user ? t.edit : t.add}
      okText={t.save}
      cancelText={t.cancel}
      confirmLoading={busy}
      onCancel={close}
      onOk={() => form.submit()}
      destroyOnHidden
    >
      <Form<Values>
        form={form}
        layout="vertical"
        initialValues={
          user
            ? { username: user.username, name: user.name, email: user.email ?? undefined, roles: user.roles }
            : { roles: [{ role: 'viewer', tenant: me.tenants[0]?.id ?? '*' }] }
        }
        onFinish={save}
      >
        <Form.Item name="username" label={t.username} rules={[{ required: true }]} extra={user ? undefined : t.hint}>
          <Input disabled={user !== undefined} autoComplete="off" spellCheck={false} />
        </Form.Item>
        <Form.Item name="name" label={t.name}>
          <Input autoComplete="off" />
        </Form.Item>
        <Form.Item name="email" label={t.email} rules={[{ type: 'email', message: t.emailRule }]}>
          <Input autoComplete="off" inputMode="email" />
        </Form.Item>
        <fieldset style={{ margin: 0, padding: 0, border: 0 }}>
          <legend style={{ padding: '0 0 6px' }}>{t.roles}</legend>
          <Form.List name="roles">
            {(fields, { add, remove }) => (
              <div className="stack tight">
                {fields.map(({ key, name }, index) => (
                  <div key={key} className="row nowrap">
                    <Form.Item
                      name={[name, 'role']}
                      className="grow"
                      style={{ margin: 0 }}
                      rules={[{ required: true }]}
                    >
                      <Select
                        aria-label={t.role(index + 1)}
                        options={(roles.data?.data.items ?? []).map(({ role }) => ({ value: role, label: role }))}
                      />
                    </Form.Item>
                    <Form.Item
                      name={[name, 'tenant']}
                      className="grow"
                      style={{ margin: 0 }}
                      rules={[{ required: true }]}
                    >
                      <Select aria-label={t.where(index + 1)} options={tenants} />
                    </Form.Item>
                    <Button
                      icon={<DeleteOutlined aria-hidden />}
                      aria-label={`${t.remove}: ${t.role(index + 1)}`}
                      onClick={() => remove(name)}
                    />
                  </div>
                ))}
                <div>
                  <Button icon={<PlusOutlined aria-hidden />} onClick={() => add({ role: 'viewer' })}>
                    {t.addRole}
                  </Button>
                </div>
              </div>
            )}
          </Form.List>
        </fieldset>
      </Form>
    </Modal>
  );
}
