import type { AuditEntry } from '@parley/core/audit';
import { ParleyError } from '@parley/core/errors';
import { z } from 'zod';
import { resourceOf } from '../http/access.ts';
import type { Actor, RouteContext } from '../http/route.ts';
import type { RuntimeDeps } from './types.ts';

/** A moment (ISO 8601 with its offset) or a day (UTC) in a query. */
export const moment = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], { error: 'expected a time such as 2026-11-21T08:00:00Z' })
  .transform((text) => new Date(text));
export const name = z.string().min(1).max(200);
export const usd = (microUsd: number): number => microUsd / 1_000_000;

/** A moment in a cursor, which anybody may have written: Unix ms, up to the year 9999. */
export const placeInTime = z.number().int().min(0).max(253_402_300_799_999);
/** Where a list of things with ids goes on. */
export const listPlace = z.object({ at: placeInTime, id: z.string() });

/** The tenants whose things a list shows: the one that was named, which the frame has asked about, or all one may see. */
export function tenantsOf(
  { config }: Pick<RuntimeDeps, 'config'>,
  { may }: Pick<RouteContext, 'may'>,
  named: string | undefined,
): string[] {
  if (named !== undefined) return [named];
  return config()
    .tenants.map(({ id }) => id)
    .filter((tenant) => may(tenant));
}

/** The tenant that a body names; asked before the body was checked, so it may be anything. */
export function tenantIn(body: unknown): string | undefined {
  const tenant: unknown = Reflect.get(Object(body), 'tenant');
  return typeof tenant === 'string' ? tenant : undefined;
}

export const notFound = (what: string) => new ParleyError('not_found', `There is no such ${what}`);

/** Who is named in records and in transcripts. */
export const nameOf = ({ name: shown, username }: Pick<Actor, 'name' | 'username'>): string => shown || username;

/** The record of a change of something whose tenant is not in the path: the frame would write it for the hub. */
export function entryOf(
  { username, via }: Actor,
  { tenant, action, id, detail }: { tenant: string; action: string; id: string; detail?: Record<string, unknown> },
): AuditEntry {
  const actor = `${username}${via === 'token' ? ' (token)' : ''}`;
  return { tenant, at: Date.now(), actor, action, target: resourceOf(tenant, action, id), detail };
}
