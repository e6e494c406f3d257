import { useParams } from 'react-router';
import { seg } from '../../api/client.ts';
import { useGet } from '../../api/hooks.ts';
import { useEditing } from '../../components/form/editing.ts';
import { OriginBadge } from '../../components/origin.tsx';
import { Page } from '../../components/page.tsx';
import { Loaded, Needs } from '../../components/states.tsx';
import { texts } from '../../i18n/texts.ts';
import { TenantForm } from './tenant-form.tsx';

const useText = texts({ tenants: ['Tenants', '租户'] });

export default function TenantPage() {
  const t = useText();
  const { tenant = '' } = useParams();
  const answer = useGet(`/tenants/${seg(tenant)}`);
  const editing = useEditing(answer);
  const entry = answer.data?.data;
  return (
    <Page
      title={entry?.config.name ?? tenant}
      back={{ to: '/tenants', label: t.tenants }}
      mark={entry && <OriginBadge origin={entry.origin} />}
    >
      <Needs action="tenant:read">
        <Loaded of={answer} rows={10}>
          {() => editing.base && <TenantForm key={editing.version} editing={editing} />}
        </Loaded>
      </Needs>
    </Page>
  );
}
