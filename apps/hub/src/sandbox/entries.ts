import {
  type ChannelConfig,
  type ConfigSource,
  channelSchema,
  type ModelConfig,
  modelSchema,
  type TenantConfig,
  tenantSchema,
} from '@parley/core/config';
import type { PlayedPlatform } from './protocol.ts';

/** Entries that stand beside the configuration while the sandbox is on. */
export interface ExtraEntries {
  tenants?: TenantConfig[];
  channels?: ChannelConfig[];
  models?: ModelConfig[];
}

/** The sandbox's own tenant, where there is no other, and its model. */
export const OWN_TENANT = 'sandbox';
const OWN_MODEL = 'sandbox-echo';
const USUAL_TENANT = 'default';

export const channelIdOf = (platform: string): string => `sandbox-${platform}`;

/** Where the sandbox belongs: `default`, else the first tenant; undefined when there is none but its own. */
export function tenantFor({ current, originOf }: Pick<ConfigSource, 'current' | 'originOf'>): string | undefined {
  const ids = current.tenants.map(({ id }) => id).filter((id) => originOf('tenants', id) !== 'extra');
  return ids.includes(USUAL_TENANT) ? USUAL_TENANT : ids[0];
}

/** A channel for each platform, in `tenant` or in a tenant that comes with them. */
export function entriesFor(platforms: readonly PlayedPlatform[], tenant: string | undefined): ExtraEntries {
  const channels = platforms.map(({ platform, api_base_url, credentials }) =>
    channelSchema.parse({
      id: channelIdOf(platform),
      tenant: tenant ?? OWN_TENANT,
      platform,
      credentials,
      api_base_url,
    }),
  );
  if (tenant !== undefined) return { channels };
  return {
    channels,
    tenants: [tenantSchema.parse({ id: OWN_TENANT, name: 'Sandbox', models: [OWN_MODEL] })],
    models: [modelSchema.parse({ id: OWN_MODEL, provider: 'echo' })],
  };
}
