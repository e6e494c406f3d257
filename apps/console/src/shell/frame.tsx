import { LogoutOutlined, MenuOutlined, UserOutlined } from '@ant-design/icons';
import { Button, Drawer, Dropdown, Select, Spin } from 'antd';
import { useEffect, useState } from 'react';
import { Link, Outlet, useLocation, useNavigate, useNavigation } from 'react-router';
import { useLiveUpdates } from '../api/events.ts';
import { useSession } from '../api/session.tsx';
import { texts } from '../i18n/texts.ts';
import { Choices } from './choices.tsx';
import { Logo } from './logo.tsx';
import { Navigation } from './navigation.tsx';

const useText = texts({
  skip: ['Skip to the content', '跳到正文'],
  menu: ['Menu', '菜单'],
  tenant: ['Tenant', '租户'],
  all: ['All tenants', '全部租户'],
  profile: ['Profile & security', '个人资料与安全'],
  signOut: ['Sign out', '退出登录'],
  account: [(name: string) => `Account of ${name}`, (name: string) => `${name} 的账号`],
  loading: ['Loading', '加载中'],
});

/** What surrounds every page: navigation, the tenant that is looked at, the account. */
export function Frame() {
  const t = useText();
  const { me } = useSession();
  const { pathname } = useLocation();
  const [isOpen, setOpen] = useState(false);
  useLiveUpdates();
  useEffect(() => {
    window.scrollTo(0, 0);
    setOpen(false);
  }, [pathname]);
  return (
    <>
      <a href="#main" className="skip-link">
        {t.skip}
      </a>
      <div className="shell">
        <aside className="side">
          <Side version={me.version} />
        </aside>
        <Drawer
          open={isOpen}
          onClose={() => setOpen(false)}
          placement="left"
          size={272}
          title={t.menu}
          styles={{ body: { padding: 0 } }}
        >
          <div className="drawer-side">
            <Navigation onGo={() => setOpen(false)} />
          </div>
        </Drawer>
        <div className="body">
          <header className="top">
            <Button
              className="menu-button"
              type="text"
              icon={<MenuOutlined aria-hidden />}
              aria-label={t.menu}
              aria-expanded={isOpen}
              onClick={() => setOpen(true)}
            />
            <TenantChoice />
            <span className="grow" />
            <Waiting />
            <Choices />
            <Account />
          </header>
          <main id="main" className="content" tabIndex={-1}>
            <Outlet />
          </main>
        </div>
      </div>
    </>
  );
}

function Side({ version }: { version: string }) {
  return (
    <>
      <Link to="/" className="brand" aria-label="Parley">
        <Logo />
      </Link>
      <Navigation />
      <div className="side-foot faint small">Parley {version}</div>
    </>
  );
}

function TenantChoice() {
  const t = useText();
  const { me, tenant, setTenant } = useSession();
  if (me.tenants.length < 2) return <span className="muted">{me.tenants[0]?.name}</span>;
  return (
    <Select
      aria-label={t.tenant}
      variant="borderless"
      value={tenant ?? ''}
      onChange={(value) => setTenant(value === '' ? undefined : value)}
      popupMatchSelectWidth={false}
      showSearch={me.tenants.length > 8 ? { optionFilterProp: 'label' } : false}
      style={{ minWidth: 120, maxWidth: 200 }}
      options={[{ value: '', label: t.all }, ...me.tenants.map(({ id, name }) => ({ value: id, label: name }))]}
    />
  );
}

function Waiting() {
  const t = useText();
  const { state } = useNavigation();
  return <span role="status">{state === 'idle' ? null : <Spin size="small" aria-label={t.loading} />}</span>;
}

function Account() {
  const t = useText();
  const { me, signOut } = useSession();
  const navigate = useNavigate();
  const { name, username } = me.user;
  return (
    <Dropdown
      trigger={['click']}
      menu={{
        items: [
          {
            key: 'profile',
            icon: <UserOutlined aria-hidden />,
            label: t.profile,
            onClick: () => void navigate('/profile'),
          },
          { type: 'divider' },
          { key: 'out', icon: <LogoutOutlined aria-hidden />, label: t.signOut, onClick: () => void signOut() },
        ],
      }}
    >
      <Button type="text" shape="circle" aria-label={t.account(name || username)} aria-haspopup="menu">
        <span
          className="badge is-accent"
          style={{ width: 28, height: 28, borderRadius: 14, justifyContent: 'center', padding: 0 }}
        >
          {(name || username).slice(0, 1).toUpperCase()}
        </span>
      </Button>
    </Dropdown>
  );
}
