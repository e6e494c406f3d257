import { Select } from 'antd';
import { useSession } from '../api/session.tsx';
import { texts } from '../i18n/texts.ts';

const useText = texts({ tenant: ['Tenant', '租户'] });

interface Props {
  value: string | undefined;
  onChange: (id: string) => void;
}

/** Which tenant a page about a single one shows. Not asked where the top bar says it already, or where there is only one. */
export function TenantChoice({ value, onChange }: Props) {
  const t = useText();
  const { me, tenant } = useSession();
  if (tenant !== undefined || me.tenants.length < 2) return null;
  return (
    <Select
      aria-label={t.tenant}
      value={value ?? null}
      onChange={onChange}
      style={{ minWidth: 160 }}
      options={me.tenants.map(({ id, name }) => ({ value: id, label: name }))}
    />
  );
}
