export { type SandboxRoutesDeps, sandboxRoutes } from './routes.ts';
export {
  type SandboxPlatform,
  type SandboxSay,
  type SandboxStatus,
  type SandboxView,
  sandboxChatSchema,
  sandboxViewSchema,
} from './schemas.ts';
export type { Sandbox } from './types.ts';
