import { EllipsisOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, Dropdown, type MenuProps, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { call, seg } from '../../api/client.ts';
import { useList, useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { User } from '../../api/types.ts';
import { useConfirm } from '../../components/confirm.tsx';
import { Panel } from '../../components/page.tsx';
import { ShownOnce } from '../../components/shown-once.tsx';
import { State } from '../../components/states.tsx';
import { Badge, Status } from '../../components/status.tsx';
import { ListTable } from '../../components/table.tsx';
import { Ago } from '../../components/time.tsx';
import { texts } from '../../i18n/texts.ts';
import { UserDialog } from './user-dialog.tsx';

const useText = texts({
  add: ['Add a user', '添加用户'],
  user: ['User', '用户'],
  roles: ['Roles', '角色'],
  everywhere: ['everywhere', '全局'],
  state: ['State', '状态'],
  active: ['Active', '正常'],
  disabled: ['Disabled', '已停用'],
  locked: ['Locked out', '已锁定'],
  totp: ['Two-factor', '两步验证'],
  on: ['on', '已开启'],
  off: ['off', '未开启'],
  last: ['Last sign-in', '最近登录'],
  actions: ['Actions', '操作'],
  more: [(name: string) => `Actions for ${name}`, (name: string) => `${name} 的操作`],
  edit: ['Edit', '编辑'],
  reset: ['New password', '重置密码'],
  resetWhy: ['The old password and all sessions end.', '旧密码与所有会话将失效。'],
  unlock: ['Unlock', '解除锁定'],
  unlocked: ['Unlocked', '已解除锁定'],
  removeTotp: ['Switch two-factor off', '关闭两步验证'],
  removeTotpWhy: [
    'For somebody who lost the device. They can set it up again.',
    '适用于设备丢失的情况，用户可重新设置。',
  ],
  endSessions: ['End all sessions', '结束所有会话'],
  endSessionsWhy: ['The person has to sign in again everywhere.', '该用户需要重新登录。'],
  done: ['Done', '已完成'],
  disable: ['Disable', '停用'],
  enable: ['Enable', '启用'],
  remove: ['Remove', '删除'],
  removeWhy: [
    'Sessions and tokens end at once. What the person did stays in the audit log.',
    '会话与令牌立即失效，审计日志会保留其操作记录。',
  ],
  password: ['Initial password', '初始密码'],
  handOver: [
    'Hand it over on a safe way; it must be changed at the first sign-in.',
    '请通过安全方式转交，首次登录时必须修改。',
  ],
  empty: ['No users', '没有用户'],
});

export function Users() {
  const t = useText();
  const { can, me } = useSession();
  const { send } = useSend();
  const confirm = useConfirm();
  const list = useList('/users');
  const [open, setOpen] = useState<User | 'new'>();
  const [password, setPassword] = useState<string>();
  const mayWrite = can('user:write');
  const refresh = ['/users'];
  const path = ({ id }: User) => `/users/${seg(id)}` as const;

  /** Changes a user in the state it has now; the ETag comes with it. */
  const change = async (user: User, method: 'PATCH' | 'DELETE', body?: Partial<User>) => {
    const { etag } = await call('GET', path(user));
    return send(method, path(user), { ...(body ? { body } : {}), etag, success: t.done, refresh });
  };
  const reset = async (user: User) => {
    const sent = await send('POST', `${path(user)}/reset-password`, { refresh });
    if (sent.ok) setPassword(sent.data.initial_password);
  };
  const ask = (title: string, content: string, run: () => unknown) => confirm({ title, content, ok: title, run });
  const menuOf = (user: User): MenuProps['items'] => [
    { key: 'edit', label: t.edit, onClick: () => setOpen(user) },
    { key: 'reset', label: t.reset, onClick: () => ask(t.reset, t.resetWhy, () => reset(user)) },
    ...(user.locked_until
      ? [
          {
            key: 'unlock',
            label: t.unlock,
            onClick: () => void send('POST', `${path(user)}/unlock`, { success: t.unlocked, refresh }),
          },
        ]
      : []),
    ...(user.totp_enabled
      ? [
          {
            key: 'totp',
            label: t.removeTotp,
            onClick: () =>
              ask(t.removeTotp, t.removeTotpWhy, () =>
                send('DELETE', `${path(user)}/totp`, { success: t.done, refresh }),
              ),
          },
        ]
      : []),
    {
      key: 'sessions',
      label: t.endSessions,
      onClick: () =>
        ask(t.endSessions, t.endSessionsWhy, () =>
          send('DELETE', `${path(user)}/sessions`, { success: t.done, refresh }),
        ),
    },
    ...(user.id === me.user.id
      ? []
      : [
          { type: 'divider' as const },
          {
            key: 'disable',
            label: user.disabled ? t.enable : t.disable,
            onClick: () => void change(user, 'PATCH', { disabled: !user.disabled }),
          },
          {
            key: 'remove',
            danger: true,
            label: t.remove,
            onClick: () => ask(t.remove, t.removeWhy, () => change(user, 'DELETE')),
          },
        ]),
  ];
  const isLocked = ({ locked_until }: User) => locked_until !== null && new Date(locked_until) > new Date();
  const columns: TableColumnsType<User> = [
    {
      title: t.user,
      key: 'user',
      render: (_, { name, username, email }) => (
        <div>
          <strong>{name || username}</strong> <span className="mono faint">{username}</span>
          {email && <div className="muted small">{email}</div>}
        </div>
      ),
    },
    {
      title: t.roles,
      key: 'roles',
      render: (_, { roles }) => (
        <span className="row">
          {roles.map(({ tenant, role }) => (
            <Badge key={`${tenant} ${role}`} tone={role === 'owner' ? 'accent' : 'plain'}>
              {role} · {tenant === '*' ? t.everywhere : tenant}
            </Badge>
          ))}
        </span>
      ),
    },
    {
      title: t.state,
      key: 'state',
      render: (_, user) =>
        user.disabled ? (
          <Status tone="plain">{t.disabled}</Status>
        ) : isLocked(user) ? (
          <Status tone="bad">{t.locked}</Status>
        ) : (
          <Status tone="good">{t.active}</Status>
        ),
    },
    {
      title: t.totp,
      key: 'totp',
      render: (_, { totp_enabled }) =>
        totp_enabled ? <Badge tone="good">{t.on}</Badge> : <span className="muted">{t.off}</span>,
    },
    { title: t.last, key: 'last', render: (_, { last_login_at }) => <Ago at={last_login_at} /> },
    ...(mayWrite
      ? [
          {
            title: t.actions,
            key: 'actions',
            render: (_: unknown, user: User) => (
              <Dropdown trigger={['click']} menu={{ items: menuOf(user) ?? [] }}>
                <Button
                  type="text"
                  size="small"
                  icon={<EllipsisOutlined aria-hidden />}
                  aria-label={t.more(user.username)}
                  aria-haspopup="menu"
                />
              </Dropdown>
            ),
          },
        ]
      : []),
  ];
  return (
    <Panel
      flush
      extra={
        mayWrite && (
          <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setOpen('new')}>
            {t.add}
          </Button>
        )
      }
    >
      <ListTable<User> of={list} rowKey="id" columns={columns} empty={<State title={t.empty} />} />
      {open && (
        <UserDialog
          user={open === 'new' ? undefined : open}
          close={() => setOpen(undefined)}
          made={(initial) => {
            setOpen(undefined);
            if (initial) setPassword(initial);
          }}
        />
      )}
      {password && (
        <ShownOnce
          title={t.password}
          close={() => setPassword(undefined)}
          secrets={[{ what: t.password, value: password }]}
        >
          <p className="muted">{t.handOver}</p>
        </ShownOnce>
      )}
    </Panel>
  );
}
