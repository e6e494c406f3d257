import { Button, type TableColumnsType } from 'antd';
import { useState } from 'react';
import { seg } from '../../api/client.ts';
import { useGet, useList, useSend } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import type { ConfigVersion } from '../../api/types.ts';
import { useConfirm } from '../../components/confirm.tsx';
import { Panel } from '../../components/page.tsx';
import { State } from '../../components/states.tsx';
import { Badge, Notice } from '../../components/status.tsx';
import { ListTable } from '../../components/table.tsx';
import { Ago } from '../../components/time.tsx';
import { texts } from '../../i18n/texts.ts';
import { useChangeWords } from './change-words.ts';
import { Diff } from './diff.tsx';
import { NewVersion } from './new-version.tsx';

const useText = texts({
  title: ['Versions', '版本'],
  hint: [
    'Every saved change is one. Rolling back activates an older one; all processes follow within a second.',
    '每次保存都会生成一个版本；回滚即激活旧版本，所有进程一秒内生效。',
  ],
  edit: ['Edit as a document', '以文档方式编辑'],
  version: ['Version', '版本'],
  author: ['By', '作者'],
  comment: ['Comment', '说明'],
  created: ['Made', '创建时间'],
  state: ['State', '状态'],
  active: ['active', '使用中'],
  draft: ['draft', '草稿'],
  actions: ['Actions', '操作'],
  diff: ['Compare', '对比'],
  activate: ['Activate', '激活'],
  rollBack: ['Roll back to this', '回滚到此版本'],
  askTitle: [(version: number) => `Activate version ${version}?`, (version: number) => `激活版本 ${version}？`],
  askWhy: [
    'All gateways and workers use it within a second; what is under way is finished.',
    '所有网关与工作进程一秒内生效，处理中的请求不受影响。',
  ],
  done: ['Activated', '已激活'],
  fileError: [
    'The configuration file has mistakes; the last good one is in use',
    '配置文件有错误，正在使用上一个正确的版本',
  ],
  leftOut: ['Parts of the configuration are not in use', '部分配置未生效'],
  empty: ['Nothing was changed in the console yet', '控制台尚未修改过配置'],
});

export function Versions() {
  const t = useText();
  const { can } = useSession();
  const { send, busy } = useSend();
  const confirm = useConfirm();
  const changeWords = useChangeWords();
  const state = useGet('/config');
  const list = useList('/config/versions');
  const [compared, setCompared] = useState<number>();
  const [isEditing, setEditing] = useState(false);
  const mayWrite = can('config:write');
  const active = state.data?.data.version ?? undefined;
  const fileError = state.data?.data.file_error;
  const leftOut = state.data?.data.left_out ?? [];
  const activate = ({ version }: ConfigVersion) =>
    confirm({
      title: t.askTitle(version),
      content: t.askWhy,
      ok: t.activate,
      danger: false,
      run: () =>
        send('POST', `/config/versions/${seg(String(version))}/activate`, {
          etag: state.data?.etag,
          success: t.done,
          refresh: ['/config', '/tenants', '/channels', '/models', '/settings', '/me'],
        }),
    });
  const columns: TableColumnsType<ConfigVersion> = [
    { title: t.version, key: 'version', className: 'num', dataIndex: 'version' },
    {
      title: t.state,
      key: 'state',
      render: (_, { active: isActive, activated_at }) =>
        isActive ? <Badge tone="good">{t.active}</Badge> : activated_at ? null : <Badge>{t.draft}</Badge>,
    },
    { title: t.author, key: 'author', dataIndex: 'author' },
    {
      title: t.comment,
      key: 'comment',
      render: (_, { comment }) => changeWords(comment) || <span className="faint">–</span>,
    },
    { title: t.created, key: 'created', render: (_, { created_at }) => <Ago at={created_at} /> },
    {
      title: t.actions,
      key: 'actions',
      render: (_, row) => (
        <span className="row nowrap">
          <Button size="small" type="text" onClick={() => setCompared(row.version)}>
            {t.diff}
          </Button>
          {mayWrite && !row.active && (
            <Button size="small" loading={busy} onClick={() => activate(row)}>
              {row.activated_at ? t.rollBack : t.activate}
            </Button>
          )}
        </span>
      ),
    },
  ];
  return (
    <div className="stack">
      {fileError && (
        <Notice tone="bad" title={t.fileError}>
          <ul>
            {fileError.issues.map(({ path, message }) => (
              <li key={path}>
                <span className="mono">{path}</span> {message}
              </li>
            ))}
          </ul>
        </Notice>
      )}
      {leftOut.length > 0 && (
        <Notice tone="warn" title={t.leftOut}>
          <ul>
            {leftOut.map(({ origin, path, message }) => (
              <li key={`${origin} ${path}`}>
                <span className="mono">{path}</span> {message}
              </li>
            ))}
          </ul>
        </Notice>
      )}
      <Panel
        title={t.title}
        hint={t.hint}
        extra={mayWrite && <Button onClick={() => setEditing(true)}>{t.edit}</Button>}
        flush
      >
        <ListTable<ConfigVersion> of={list} rowKey="version" columns={columns} empty={<State title={t.empty} />} />
      </Panel>
      {compared !== undefined && <Diff version={compared} active={active} close={() => setCompared(undefined)} />}
      {isEditing && state.data && <NewVersion document={state.data.data.document} close={() => setEditing(false)} />}
    </div>
  );
}
