import { ApiOutlined, PlusOutlined } from '@ant-design/icons';
import { Button, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { seg } from '../../api/client.ts';
import { useList, useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { ApiKey } from '../../api/types.ts';
import { useConfirm } from '../../components/confirm.tsx';
import { OriginBadge } from '../../components/origin.tsx';
import { Page, Panel } from '../../components/page.tsx';
import { ShownOnce } from '../../components/shown-once.tsx';
import { Needs, State } from '../../components/states.tsx';
import { Badge, Status } from '../../components/status.tsx';
import { ListTable } from '../../components/table.tsx';
import { Ago } from '../../components/time.tsx';
import { texts } from '../../i18n/texts.ts';
import { NewKey } from './new-key.tsx';
import { useScopeName } from './scopes.ts';

const useText = texts({
  title: ['API keys', 'API 密钥'],
  lead: [
    'For programs that use the chat API or the official openai client.',
    '供调用聊天 API 或官方 openai 客户端的程序使用。',
  ],
  add: ['Create a key', '创建密钥'],
  name: ['Name', '名称'],
  tenant: ['Tenant', '租户'],
  scopes: ['May', '权限'],
  created: ['Created', '创建时间'],
  used: ['Last used', '最近使用'],
  expires: ['Expires', '过期时间'],
  never: ['never', '永不'],
  state: ['State', '状态'],
  active: ['Active', '有效'],
  revoked: ['Revoked', '已吊销'],
  expired: ['Expired', '已过期'],
  origin: ['Origin', '来源'],
  actions: ['Actions', '操作'],
  revoke: ['Revoke', '吊销'],
  revokeTitle: [(name: string) => `Revoke ${name}?`, (name: string) => `吊销 ${name}？`],
  revokeWhy: [
    'Programs that use it are refused from now on. This cannot be undone.',
    '使用该密钥的程序将立即被拒绝，且无法恢复。',
  ],
  done: ['Revoked', '已吊销'],
  made: ['The new key', '新密钥'],
  key: ['API key', 'API 密钥'],
  signing: ['Signing secret', '签名密钥'],
  empty: ['No key yet', '还没有密钥'],
  emptyWhy: [
    'A key lets a program ask the same models, within the same quota.',
    '密钥让程序在同一配额内调用同样的模型。',
  ],
});

export interface MadeKey extends ApiKey {
  key: string;
  signing_secret?: string;
}

export default function ApiKeysPage() {
  const t = useText();
  const { can } = useSession();
  const [isOpen, setOpen] = useState(false);
  const [made, setMade] = useState<MadeKey>();
  const add = can('api_key:write') && (
    <Button type="primary" icon={<PlusOutlined aria-hidden />} onClick={() => setOpen(true)}>
      {t.add}
    </Button>
  );
  return (
    <Page title={t.title} lead={t.lead} actions={add}>
      <Needs action="api_key:read">
        <Keys add={add} />
      </Needs>
      {isOpen && (
        <NewKey
          close={() => setOpen(false)}
          made={(key) => {
            setOpen(false);
            setMade(key);
          }}
        />
      )}
      {made && (
        <ShownOnce
          title={t.made}
          close={() => setMade(undefined)}
          secrets={[
            { what: t.key, value: made.key },
            ...(made.signing_secret ? [{ what: t.signing, value: made.signing_secret }] : []),
          ]}
        />
      )}
    </Page>
  );
}

function Keys({ add }: { add: React.ReactNode }) {
  const t = useText();
  const { tenant, can } = useSession();
  const { send, busy } = useSend();
  const confirm = useConfirm();
  const scopeName = useScopeName();
  const list = useList('/api-keys', { tenant });
  const revoke = (key: ApiKey) =>
    confirm({
      title: t.revokeTitle(key.name ?? key.id),
      content: t.revokeWhy,
      ok: t.revoke,
      run: () =>
        send('DELETE', `/api-keys/${seg(key.tenant)}/${seg(key.id)}`, { success: t.done, refresh: ['/api-keys'] }),
    });
  const isExpired = ({ expires_at }: ApiKey) => expires_at !== null && new Date(expires_at) < new Date();
  const columns: TableColumnsType<ApiKey> = [
    {
      title: t.name,
      key: 'name',
      render: (_, { name, id, prefix }) => (
        <span>
          {name ?? id} <span className="mono faint">{prefix}…</span>
        </span>
      ),
    },
    { title: t.tenant, key: 'tenant', dataIndex: 'tenant' },
    {
      title: t.state,
      key: 'state',
      render: (_, key) =>
        key.revoked_at ? (
          <Status tone="plain">{t.revoked}</Status>
        ) : isExpired(key) ? (
          <Status tone="warn">{t.expired}</Status>
        ) : (
          <Status tone="good">{t.active}</Status>
        ),
    },
    {
      title: t.scopes,
      key: 'scopes',
      render: (_, { scopes }) => (
        <span className="row nowrap">
          {scopes.map((scope) => (
            <Badge key={scope}>{scopeName(scope)}</Badge>
          ))}
        </span>
      ),
    },
    { title: t.used, key: 'used', render: (_, { last_used_at }) => <Ago at={last_used_at} /> },
    { title: t.created, key: 'created', render: (_, { created_at }) => <Ago at={created_at} /> },
    {
      title: t.expires,
      key: 'expires',
      render: (_, { expires_at }) => (expires_at ? <Ago at={expires_at} /> : <span className="muted">{t.never}</span>),
    },
    { title: t.origin, key: 'origin', render: (_, { origin }) => <OriginBadge origin={origin} /> },
    {
      title: t.actions,
      key: 'actions',
      render: (_, key) =>
        key.origin === 'console' && !key.revoked_at && can('api_key:write', key.tenant) ? (
          <Button size="small" danger type="text" loading={busy} onClick={() => revoke(key)}>
            {t.revoke}
          </Button>
        ) : null,
    },
  ];
  return (
    <Panel flush>
      <ListTable<ApiKey>
        of={list}
        rowKey={({ tenant: owner, id }) => `${owner} ${id}`}
        columns={columns}
        empty={
          <State icon={<ApiOutlined />} title={t.empty} action={add}>
            {t.emptyWhy}
          </State>
        }
      />
    </Panel>
  );
}
