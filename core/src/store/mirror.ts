import type { ChannelConfig, ModelConfig, TenantConfig } from '../config/index.ts';
import type { Sealer } from '../secrets/index.ts';
import { storableJson } from './storable.ts';

/** Tenant of what the configuration file gives to every tenant that lists it. No tenant can have this id. */
export const SHARED_TENANT = '*';

/** One entry of the configuration as a row: what anybody may read apart from what is sealed. */
export interface MirroredEntry {
  tenant: string;
  id: string;
  settings: Record<string, unknown>;
  secrets: unknown;
  context: string;
}

export function tenantEntry(tenant: TenantConfig): MirroredEntry {
  return {
    tenant: tenant.id,
    id: tenant.id,
    settings: plain(tenant),
    secrets: null,
    context: tenantContext(tenant.id),
  };
}

export function channelEntry({ credentials, ...settings }: ChannelConfig): MirroredEntry {
  const { tenant, id } = settings;
  return { tenant, id, settings: plain(settings), secrets: credentials, context: channelContext(tenant, id) };
}

export function modelEntry({ keys, ...settings }: ModelConfig): MirroredEntry {
  const { id } = settings;
  const context = modelContext(SHARED_TENANT, id);
  return { tenant: SHARED_TENANT, id, settings: plain(settings), secrets: keys, context };
}

/** Where a row's secrets belong: what they are sealed for. */
export const tenantContext = (tenant: string): string => `${tenant}/tenant`;
export const channelContext = (tenant: string, id: string): string => `${tenant}/channel/${id}`;
/** A person's TOTP secret. */
export const totpContext = (userId: string): string => `user/${userId}/totp`;
export const modelContext = (tenant: string, id: string): string => `${tenant}/model/${id}`;

/** Keyed hash of an entry, the same before and after it went through the database. */
export function entryDigest(entry: Pick<MirroredEntry, 'settings' | 'secrets' | 'context'>, sealer: Sealer): string {
  return sealer.digest(JSON.stringify(storableJson([entry.settings, entry.secrets])), entry.context);
}

function plain(settings: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(storableJson(settings) ?? {}));
}
