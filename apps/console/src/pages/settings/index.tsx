import { useSession } from '../../api/session.tsx';
import { Page } from '../../components/page.tsx';
import { PageTabs } from '../../components/page-tabs.tsx';
import { Needs } from '../../components/states.tsx';
import { texts } from '../../i18n/texts.ts';
import { ApiSettingsForm } from './api-settings.tsx';
import { System } from './system.tsx';
import { Versions } from './versions.tsx';

const useText = texts({
  title: ['Settings', '设置'],
  lead: [
    'What holds for the whole hub. Sessions, retention and warnings are set per tenant.',
    '对整个系统生效的设置；会话、保留期与告警在各租户中设置。',
  ],
  versions: ['Configuration versions', '配置版本'],
  api: ['Chat API', '聊天 API'],
  system: ['System', '系统'],
});

export default function SettingsPage() {
  const t = useText();
  const { can } = useSession();
  const tab = (key: string, label: string, action: string, children: React.ReactNode) =>
    can(action) ? [{ key, label, children }] : [];
  return (
    <Page title={t.title} lead={t.lead}>
      <Needs action="settings:read">
        <PageTabs
          items={[
            ...tab('versions', t.versions, 'config:read', <Versions />),
            ...tab('api', t.api, 'settings:read', <ApiSettingsForm />),
            ...tab('system', t.system, 'system:read', <System />),
          ]}
        />
      </Needs>
    </Page>
  );
}
