export { createSigningKeys, findApiKey, touchApiKey } from './api-access.ts';
export { type ApiKeyRow, createApiKey, listApiKeys, type NewStoredKey, revokeApiKey } from './api-keys.ts';
export { type AuditListRow, type AuditPlace, listAudit } from './audit-list.ts';
export { type BackupNote, type BackupState, noteBackup, readBackupNotes } from './backup-notes.ts';
export { openAttached, openContent, sealContent } from './content.ts';
export {
  type ConversationListRow,
  latestAnchor,
  listConversations,
  listMessages,
  type StoredMessage,
} from './conversation-list.ts';
export { lastReplies } from './last-replies.ts';
export { recordLedger, usageSince } from './ledger.ts';
export { loadHistory } from './load-history.ts';
export { assertSchema, assertSchemaServes, migrate, SCHEMA_VERSION, schemaVersion } from './migrate.ts';
export { channelContext, modelContext, SHARED_TENANT, totpContext } from './mirror.ts';
export { keyAges, noteModelKeys, readModelKeys } from './model-keys.ts';
export type { ListPlace, PageOptions } from './newest.ts';
export { type Db, openStore, type Store, type StoreOptions } from './open.ts';
export { type Period, type PeriodSums, type SeriesPoint, sumTurns, type TurnSums, turnSeries } from './overview.ts';
export { recordTurns, type TurnRecord } from './record-turns.ts';
export { auditDays, type KeptDays, type PrunedRecords, pruneEnded, pruneRecords } from './retention.ts';
export { rotateSecrets } from './rotate-secrets.ts';
export * as tables from './schema.ts';
export { type SyncResult, syncConfig } from './sync-config.ts';
export { eraseMessagesOf, loadTurn, pruneTranscripts, type TurnStory } from './transcripts.ts';
export {
  countTurnsByError,
  type ErrorCount,
  lastPlatformOf,
  listTurns,
  loadTurnWords,
  type TurnFilters,
  type TurnListRow,
  type TurnWords,
} from './turn-list.ts';
export { USAGE_GROUPS, type UsageGroup, type UsageQuery, type UsageRow, usageBy } from './usage.ts';
