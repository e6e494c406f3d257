import { InboxOutlined, LockOutlined, WarningOutlined } from '@ant-design/icons';
import { Button, Skeleton } from 'antd';
import type { ReactNode } from 'react';
import type { ApiError, Got } from '../api/client.ts';
import type { Answer } from '../api/hooks.ts';
import { useSession } from '../api/session.tsx';
import { texts } from '../i18n/texts.ts';
import { useErrorText } from './error-text.ts';

const useText = texts({
  noAccess: ['You may not see this', '没有查看权限'],
  noAccessWhy: [
    (action: string) => `It needs the permission ${action}. An owner or admin can give you a role that has it.`,
    (action: string) => `需要权限 ${action}。请联系所有者或管理员为你授予相应角色。`,
  ],
  failed: ['This could not be loaded', '加载失败'],
  retry: ['Try again', '重试'],
  loading: ['Loading', '加载中'],
});

interface StateProps {
  icon?: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

/** Says in the middle of a page or card why there is nothing to see, and what to do about it. */
export function State({ icon = <InboxOutlined />, title, children, action }: StateProps) {
  return (
    <div className="state">
      <span className="glyph" aria-hidden>
        {icon}
      </span>
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}

export function NoPermission({ action }: { action: string }) {
  const t = useText();
  return (
    <State icon={<LockOutlined />} title={t.noAccess}>
      {t.noAccessWhy(action)}
    </State>
  );
}

export function Failed({ error, retry }: { error: ApiError; retry?: () => void }) {
  const t = useText();
  const errorText = useErrorText();
  if (error.code === 'forbidden') return <NoPermission action={/[a-z_]+:[a-z]+/.exec(error.message)?.[0] ?? '–'} />;
  return (
    <div role="alert">
      <State icon={<WarningOutlined />} title={t.failed} action={retry && <Button onClick={retry}>{t.retry}</Button>}>
        {errorText(error)}
      </State>
    </div>
  );
}

interface LoadedProps<T> {
  of: Answer<T>;
  children: (data: T, got: Got<T>) => ReactNode;
  /** Lines of the placeholder. */
  rows?: number;
}

/** What is shown while an answer is on its way, when it fails, and when it is there. */
export function Loaded<T>({ of, children, rows = 4 }: LoadedProps<T>) {
  const t = useText();
  if (of.data) return <>{children(of.data.data, of.data)}</>;
  if (of.error) return <Failed error={of.error} retry={() => void of.refetch()} />;
  return (
    <div aria-busy="true">
      <span className="visually-hidden" role="status">
        {t.loading}
      </span>
      <Skeleton active title={false} paragraph={{ rows }} />
    </div>
  );
}

/** Shows its children to those who may do `action` somewhere; others read why they may not. */
export function Needs({ action, children }: { action: string; children: ReactNode }) {
  const { can } = useSession();
  return can(action) ? children : <NoPermission action={action} />;
}
