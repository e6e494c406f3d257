import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import { ApiError, call, setCsrfToken, setSignedOutListener } from './client.ts';
import type { Me } from './types.ts';

export interface SessionState {
  me: Me;
  /** The tenant everything is narrowed to; undefined: all that the person may see. */
  tenant: string | undefined;
  setTenant(tenant: string | undefined): void;
  /** Whether an action is allowed, in a tenant or (without one) anywhere. */
  can(action: string, tenant?: string): boolean;
  reload(): Promise<void>;
  signOut(): Promise<void>;
}

const SessionContext = createContext<SessionState | undefined>(undefined);

export function useSession(): SessionState {
  const session = useContext(SessionContext);
  if (!session) throw new Error('outside of a session');
  return session;
}

const ME = ['/me'];

/** Who is signed in: undefined while we ask, null when nobody is. */
export function useMe() {
  const client = useQueryClient();
  useEffect(() => setSignedOutListener(() => client.setQueryData(ME, null)), [client]);
  return useQuery<Me | null, ApiError>({
    queryKey: ME,
    queryFn: async () => {
      try {
        const { data } = await call('GET', '/me');
        setCsrfToken(data.csrf_token);
        return data;
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return null;
        throw error;
      }
    },
    staleTime: 60_000,
  });
}

export function SessionProvider({ me, children }: { me: Me; children: ReactNode }) {
  const client = useQueryClient();
  const [chosen, setTenant] = useState<string | undefined>(() => sessionStorage.getItem('parley.tenant') ?? undefined);
  const tenant = me.tenants.some(({ id }) => id === chosen) ? chosen : undefined;

  useEffect(() => {
    if (tenant === undefined) sessionStorage.removeItem('parley.tenant');
    else sessionStorage.setItem('parley.tenant', tenant);
  }, [tenant]);

  const reload = useCallback(() => client.invalidateQueries({ queryKey: ME }), [client]);
  const signOut = useCallback(async () => {
    await call('POST', '/auth/logout').catch(() => undefined);
    setCsrfToken(null);
    client.clear();
    client.setQueryData(ME, null);
  }, [client]);

  const value = useMemo<SessionState>(
    () => ({ me, tenant, setTenant, can: (action, where) => allows(me.can, action, where), reload, signOut }),
    [me, tenant, reload, signOut],
  );
  return <SessionContext value={value}>{children}</SessionContext>;
}

/** Reads `me.can`: an action is allowed in the tenants it lists, and `*` stands for the hub and all tenants. */
export function allows(can: Me['can'], action: string, tenant?: string): boolean {
  const where = can[action] ?? [];
  return tenant === undefined ? where.length > 0 : where.includes('*') || where.includes(tenant);
}
