import {
  ApiOutlined,
  AppstoreOutlined,
  AuditOutlined,
  BankOutlined,
  BarChartOutlined,
  CommentOutlined,
  DashboardOutlined,
  DeploymentUnitOutlined,
  ExperimentOutlined,
  InboxOutlined,
  MessageOutlined,
  NodeIndexOutlined,
  PieChartOutlined,
  SafetyOutlined,
  SettingOutlined,
  TeamOutlined,
} from '@ant-design/icons';
import type { ComponentType } from 'react';
import { NavLink } from 'react-router';
import { useSession } from '../api/session.tsx';
import { texts } from '../i18n/texts.ts';

const useText = texts({
  navigation: ['Main navigation', '主导航'],
  watch: ['Monitor', '监控'],
  connect: ['Connect', '接入'],
  govern: ['Govern', '管控'],
  manage: ['Manage', '管理'],
  attempt: ['Try it', '试用'],
  overview: ['Overview', '概览'],
  conversations: ['Conversations', '会话'],
  turns: ['Turns', '问答记录'],
  dead: ['Dead letters', '死信'],
  usage: ['Usage & cost', '用量与费用'],
  channels: ['Channels', '渠道'],
  models: ['Models', '模型'],
  tenants: ['Tenants', '租户'],
  rules: ['Rules & guard', '规则与防护'],
  quota: ['Quota & budgets', '配额与预算'],
  keys: ['API keys', 'API 密钥'],
  users: ['Users & access', '用户与权限'],
  audit: ['Audit log', '审计日志'],
  settings: ['Settings', '设置'],
  playground: ['Playground', '试验场'],
  sandbox: ['Sandbox', '沙盒'],
});

type Words = ReturnType<typeof useText>;
interface Item {
  to: string;
  label: keyof Words;
  icon: ComponentType<{ 'aria-hidden': boolean }>;
  action: string;
}

const GROUPS: { label: keyof Words; items: Item[] }[] = [
  {
    label: 'watch',
    items: [
      { to: '/', label: 'overview', icon: DashboardOutlined, action: 'overview:read' },
      { to: '/conversations', label: 'conversations', icon: CommentOutlined, action: 'conversation:read' },
      { to: '/turns', label: 'turns', icon: NodeIndexOutlined, action: 'turn:read' },
      { to: '/dead-letters', label: 'dead', icon: InboxOutlined, action: 'dead_letter:read' },
      { to: '/usage', label: 'usage', icon: BarChartOutlined, action: 'usage:read' },
    ],
  },
  {
    label: 'attempt',
    items: [
      { to: '/sandbox', label: 'sandbox', icon: AppstoreOutlined, action: 'sandbox:use' },
      { to: '/playground', label: 'playground', icon: ExperimentOutlined, action: 'playground:use' },
    ],
  },
  {
    label: 'connect',
    items: [
      { to: '/channels', label: 'channels', icon: MessageOutlined, action: 'channel:read' },
      { to: '/models', label: 'models', icon: DeploymentUnitOutlined, action: 'model:read' },
      { to: '/tenants', label: 'tenants', icon: BankOutlined, action: 'tenant:read' },
      { to: '/api-keys', label: 'keys', icon: ApiOutlined, action: 'api_key:read' },
    ],
  },
  {
    label: 'govern',
    items: [
      { to: '/quota', label: 'quota', icon: PieChartOutlined, action: 'quota:read' },
      { to: '/rules', label: 'rules', icon: SafetyOutlined, action: 'rule:read' },
    ],
  },
  {
    label: 'manage',
    items: [
      { to: '/users', label: 'users', icon: TeamOutlined, action: 'user:read' },
      { to: '/audit', label: 'audit', icon: AuditOutlined, action: 'audit:read' },
      { to: '/settings', label: 'settings', icon: SettingOutlined, action: 'settings:read' },
    ],
  },
];

/** The pages a person may see, in groups. */
export function Navigation({ onGo }: { onGo?: () => void }) {
  const t = useText();
  const { can, me } = useSession();
  const isThere = ({ action, to }: Item) => can(action) && (to !== '/sandbox' || me.features.sandbox);
  return (
    <nav className="nav" aria-label={t.navigation}>
      {GROUPS.map(({ label, items }) => {
        const shown = items.filter(isThere);
        if (shown.length === 0) return null;
        return (
          <div key={label}>
            <h2>{t[label]}</h2>
            <ul>
              {shown.map(({ to, label: name, icon: Icon }) => (
                <li key={to}>
                  <NavLink to={to} end={to === '/'} {...(onGo ? { onClick: onGo } : {})}>
                    <Icon aria-hidden />
                    {t[name]}
                  </NavLink>
                </li>
              ))}
            </ul>
          </div>
        );
      })}
    </nav>
  );
}
