export { environmentConfig, quickStartVariables } from './environment.ts';
export type { Environment } from './interpolate.ts';
export { type ConfigIssue, describeIssues, formatPath, type PathIssue } from './issues.ts';
export {
  type BaseSource,
  type ConfigLayer,
  type EntryKind,
  type EntryOrigin,
  type Layered,
  type LeftOut,
  layConfig,
  type OriginOf,
} from './layers.ts';
export { type LoadedConfig, loadConfig } from './load.ts';
export { isLoopback, type OidcRole, type OidcSettings } from './oidc.ts';
export { type ConfigResult, parseConfig } from './parse.ts';
export * from './schema.ts';
export { LOG_LEVELS, type LogLevel, loadSettings, type Role, type Settings } from './settings.ts';
export { type ConfigError, type ConfigSource, type ConfigSourceOptions, createConfigSource } from './source.ts';
export type { SamplerName, TracingSettings } from './tracing.ts';
