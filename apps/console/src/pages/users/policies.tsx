import { PlusOutlined } from '@ant-design/icons';
import { Button, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { call, seg } from '../../api/client.ts';
import { useList, useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { Policy } from '../../api/types.ts';
import { useConfirm } from '../../components/confirm.tsx';
import { Panel } from '../../components/page.tsx';
import { State } from '../../components/states.tsx';
import { Badge } from '../../components/status.tsx';
import { ListTable } from '../../components/table.tsx';
import { texts } from '../../i18n/texts.ts';
import { PolicyDialog } from './policy-dialog.tsx';

const useText = texts({
  add: ['Add a policy', '添加策略'],
  name: ['Name', '名称'],
  effect: ['Effect', '效果'],
  allow: ['allows', '允许'],
  deny: ['denies', '拒绝'],
  who: ['Who', '主体'],
  what: ['Actions', '操作'],
  which: ['Resources', '资源'],
  tenant: ['Tenant', '租户'],
  hub: ['Hub', '全局'],
  actions: ['Change', '管理'],
  edit: ['Edit', '编辑'],
  remove: ['Remove', '删除'],
  removeTitle: [(name: string) => `Remove “${name}”?`, (name: string) => `删除“${name}”？`],
  removeWhy: ['What it allowed or denied changes at once.', '其允许或拒绝的权限会立即变化。'],
  removed: ['Removed', '已删除'],
  empty: ['No policy yet', '还没有策略'],
  emptyWhy: [
    'Roles are often enough. A policy allows or denies something in particular; a denial always wins.',
    '通常角色已足够。策略用于细化允许或拒绝，拒绝始终优先。',
  ],
});

export function Policies() {
  const t = useText();
  const { tenant, can } = useSession();
  const { send } = useSend();
  const confirm = useConfirm();
  const [open, setOpen] = useState<Policy | 'new'>();
  const list = useList('/policies', { tenant });
  const mayWrite = can('policy:write');
  const remove = (policy: Policy) =>
    confirm({
      title: t.removeTitle(policy.name),
      content: t.removeWhy,
      ok: t.remove,
      run: async () => {
        const { etag } = await call('GET', `/policies/${seg(policy.id)}`);
        await send('DELETE', `/policies/${seg(policy.id)}`, { etag, success: t.removed, refresh: ['/policies'] });
      },
    });
  const listed = (values: readonly string[]) => (
    <span className="row">
      {values.map((value) => (
        <Badge key={value}>
          <span className="mono">{value}</span>
        </Badge>
      ))}
    </span>
  );
  const columns: TableColumnsType<Policy> = [
    { title: t.name, key: 'name', dataIndex: 'name' },
    {
      title: t.effect,
      key: 'effect',
      render: (_, { effect }) => <Badge tone={effect === 'deny' ? 'bad' : 'good'}>{t[effect]}</Badge>,
    },
    { title: t.who, key: 'who', render: (_, { principals }) => listed(principals) },
    { title: t.what, key: 'what', render: (_, { actions }) => listed(actions) },
    { title: t.which, key: 'which', render: (_, { resources }) => listed(resources) },
    { title: t.tenant, key: 'tenant', render: (_, { tenant: owner }) => (owner === '*' ? t.hub : owner) },
    ...(mayWrite
      ? [
          {
            title: t.actions,
            key: 'actions',
            render: (_: unknown, policy: Policy) => (
              <span className="row nowrap">
                <Button size="small" type="text" onClick={() => setOpen(policy)}>
                  {t.edit}
                </Button>
                <Button size="small" type="text" danger onClick={() => remove(policy)}>
                  {t.remove}
                </Button>
              </span>
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
      <ListTable<Policy> of={list} rowKey="id" columns={columns} empty={<State title={t.empty}>{t.emptyWhy}</State>} />
      {open && <PolicyDialog policy={open === 'new' ? undefined : open} close={() => setOpen(undefined)} />}
    </Panel>
  );
}
