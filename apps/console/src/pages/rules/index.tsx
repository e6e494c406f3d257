import { Select } from 'antd';
import { useSession } from '../../api/session.tsx';
import { Page } from '../../components/page.tsx';
import { PageTabs } from '../../components/page-tabs.tsx';
import { Needs } from '../../components/states.tsx';
import { useOneTenant } from '../../hooks/use-one-tenant.ts';
import { texts } from '../../i18n/texts.ts';
import { GuardEditor } from './guard-editor.tsx';
import { RulesEditor } from './rules-editor.tsx';

const useText = texts({
  title: ['Rules & guard', '规则与防护'],
  lead: [
    'What is answered without a model, and what is masked or refused. Try a message before saving.',
    '哪些问题无需模型即可回答，哪些内容会被脱敏或拒绝。保存前可先测试。',
  ],
  tenant: ['Tenant', '租户'],
  rules: ['Rules', '规则'],
  guard: ['Guard', '防护'],
});

export default function RulesPage() {
  const t = useText();
  const { me, tenant } = useSession();
  const [current = '', choose] = useOneTenant();
  return (
    <Page
      title={t.title}
      lead={t.lead}
      actions={
        tenant === undefined && me.tenants.length > 1 ? (
          <Select
            aria-label={t.tenant}
            value={current}
            onChange={choose}
            style={{ minWidth: 160 }}
            options={me.tenants.map(({ id, name }) => ({ value: id, label: name }))}
          />
        ) : undefined
      }
    >
      <PageTabs
        items={[
          {
            key: 'rules',
            label: t.rules,
            children: (
              <Needs action="rule:read">
                <RulesEditor key={current} tenant={current} />
              </Needs>
            ),
          },
          {
            key: 'guard',
            label: t.guard,
            children: (
              <Needs action="guard:read">
                <GuardEditor key={current} tenant={current} />
              </Needs>
            ),
          },
        ]}
      />
    </Page>
  );
}
