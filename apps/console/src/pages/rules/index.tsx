import { Page } from '../../components/page.tsx';
import { PageTabs } from '../../components/page-tabs.tsx';
import { Needs } from '../../components/states.tsx';
import { TenantChoice } from '../../components/tenant-choice.tsx';
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
  rules: ['Rules', '规则'],
  guard: ['Guard', '防护'],
});

export default function RulesPage() {
  const t = useText();
  const [current = '', choose] = useOneTenant();
  return (
    <Page title={t.title} lead={t.lead} actions={<TenantChoice value={current} onChange={choose} />}>
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
