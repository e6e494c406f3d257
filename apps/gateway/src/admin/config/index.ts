import type { AdminRoute } from '../http/route.ts';
import { channelRoutes } from './channels.ts';
import type { ConfigRoutesDeps } from './entries.ts';
import { modelRoutes } from './models.ts';
import { ruleRoutes } from './rules.ts';
import { settingsRoutes } from './settings.ts';
import { tenantRoutes } from './tenants.ts';
import { versionRoutes } from './versions.ts';

export { configAttention } from './attention.ts';
export { type ChannelHealth, createChannelHealth } from './channel-health.ts';
export type { ConfigRoutesDeps } from './entries.ts';
export { createReachableCheck, unreachable } from './reachable.ts';

/** Everything the configuration file can say, as endpoints. */
export function configRoutes(deps: ConfigRoutesDeps): AdminRoute[] {
  return [
    ...tenantRoutes(deps),
    ...channelRoutes(deps),
    ...modelRoutes(deps),
    ...ruleRoutes(deps),
    ...settingsRoutes(deps),
    ...versionRoutes(deps),
  ];
}
export { slackManifest } from './slack-manifest.ts';
