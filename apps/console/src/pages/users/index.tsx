import { useSession } from '../../api/session.tsx';
import { Page } from '../../components/page.tsx';
import { PageTabs } from '../../components/page-tabs.tsx';
import { Needs } from '../../components/states.tsx';
import { texts } from '../../i18n/texts.ts';
import { Explain } from './explain.tsx';
import { Policies } from './policies.tsx';
import { Roles } from './roles.tsx';
import { Users } from './users.tsx';

const useText = texts({
  title: ['Users & access', '用户与权限'],
  lead: ['Who may sign in, and what they may do where.', '谁可以登录，以及在哪里可以做什么。'],
  users: ['Users', '用户'],
  roles: ['Roles', '角色'],
  policies: ['Policies', '策略'],
  explain: ['Why may somebody (not)?', '权限说明'],
});

export default function UsersPage() {
  const t = useText();
  const { can } = useSession();
  const tab = (key: string, label: string, action: string, children: React.ReactNode) =>
    can(action) ? [{ key, label, children: <Needs action={action}>{children}</Needs> }] : [];
  return (
    <Page title={t.title} lead={t.lead}>
      <Needs action="user:read">
        <PageTabs
          items={[
            ...tab('users', t.users, 'user:read', <Users />),
            ...tab('roles', t.roles, 'user:read', <Roles />),
            ...tab('policies', t.policies, 'policy:read', <Policies />),
            ...tab('explain', t.explain, 'user:read', <Explain />),
          ]}
        />
      </Needs>
    </Page>
  );
}
