import type { AuditEntry } from '@parley/core/audit';
import type { Identity } from '@parley/core/identity';
import type { Logger } from 'pino';
import type { RouteContext } from '../http/route.ts';

/** What the endpoints of users, sessions and access work with. */
export interface IdentityRoutesDeps {
  identity: Identity;
  audit: (entries: readonly AuditEntry[]) => Promise<void>;
  /** All tenants of the present configuration. */
  tenants: () => readonly { id: string; name?: string | undefined }[];
  /** PARLEY_PUBLIC_URL. */
  publicUrl: string | undefined;
  /** Of the hub. */
  version: string;
  /** Whether the sandbox is there. */
  hasSandbox: boolean;
  logger: Logger;
}

/** Records what somebody did about themselves, under its own name. */
export function recordOwn(
  deps: IdentityRoutesDeps,
  { actor, request }: RouteContext,
  action: string,
  detail: Record<string, unknown> = {},
): Promise<void> {
  const entry = { tenant: '*', at: Date.now(), actor: actor.username, action, target: `hub/user/${actor.id}` };
  return deps.audit([{ ...entry, detail: { ip: request.ip, ...detail } }]);
}
