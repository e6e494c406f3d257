export {
  type ChannelHealth,
  type ConfigRoutesDeps,
  configAttention,
  configRoutes,
  createChannelHealth,
  createReachableCheck,
  slackManifest,
  unreachable,
} from './admin/config/index.ts';
export { createIdempotency } from './admin/http/idempotency.ts';
export { type Actor, type AdminRoute, route } from './admin/http/route.ts';
export {
  type AdminAuthenticateDeps,
  createAdminAuthenticate,
  type IdentityRoutesDeps,
  identityRoutes,
} from './admin/identity/index.ts';
export { type AdminApiDeps, registerAdminApi } from './admin/register.ts';
export {
  type Attention,
  createLiveEvents,
  type LiveEvents,
  type RuntimeDeps,
  runtimeRoutes,
} from './admin/runtime/index.ts';
export {
  type Sandbox,
  type SandboxRoutesDeps,
  type SandboxStatus,
  sandboxChatSchema,
  sandboxRoutes,
  sandboxViewSchema,
} from './admin/sandbox/index.ts';
export { registerAlerts } from './alerts/index.ts';
export { type ChatApiDeps, registerChatApi } from './api/index.ts';
export { type ConnectionManager, createConnectionManager } from './connections.ts';
export { type ConsoleOptions, registerConsole } from './console/static.ts';
export { createInbound, type Inbound } from './inbound.ts';
export { type Check, registerOps } from './ops.ts';
export { closeServer, createServer } from './server.ts';
export { registerWebhooks } from './webhooks.ts';
