import { Page } from '../../components/page.tsx';
import { Needs } from '../../components/states.tsx';
import { texts } from '../../i18n/texts.ts';
import { TenantForm } from './tenant-form.tsx';

const useText = texts({ title: ['Add a tenant', '添加租户'], tenants: ['Tenants', '租户'] });

export default function NewTenantPage() {
  const t = useText();
  return (
    <Page title={t.title} back={{ to: '/tenants', label: t.tenants }}>
      <Needs action="tenant:write">
        <TenantForm />
      </Needs>
    </Page>
  );
}
