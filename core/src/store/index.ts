export { loadHistory } from './load-history.ts';
export { assertSchema, migrate, SCHEMA_VERSION, schemaVersion } from './migrate.ts';
export { channelContext, modelContext, SHARED_TENANT } from './mirror.ts';
export { type Db, openStore, type Store, type StoreOptions } from './open.ts';
export { recordTurns, type TurnRecord } from './record-turns.ts';
export { rotateSecrets } from './rotate-secrets.ts';
export * as tables from './schema.ts';
export { type SyncResult, syncConfig } from './sync-config.ts';
