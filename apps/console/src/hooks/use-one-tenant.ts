import { useState } from 'react';
import { useSession } from '../api/session.tsx';

const REMEMBERED = 'parley.one-tenant';

/**
 * For pages about a single tenant: the one everything is narrowed to, else the one chosen last on such a page (in this
 * browser tab), else the first.
 */
export function useOneTenant(
  tenants?: readonly { id: string }[],
): [current: string | undefined, choose: (id: string) => void] {
  const { me, tenant } = useSession();
  const [chosen, setChosen] = useState(() => sessionStorage.getItem(REMEMBERED));
  const among = tenants ?? me.tenants;
  const current = tenant ?? among.find(({ id }) => id === chosen)?.id ?? among[0]?.id;
  const choose = (id: string) => {
    setChosen(id);
    sessionStorage.setItem(REMEMBERED, id);
  };
  return [current, choose];
}
