export { chainOf, chooseBackup, type FoundBackup, listBackups } from './chain.ts';
export { type CreateBackupOptions, type CreatedBackup, createBackup, type FullReason, sizeOf } from './create.ts';
export { type BackupKey, createBackupKey } from './key.ts';
export type { KnownManifest, Manifest } from './manifest.ts';
export { openBackupPlace } from './open-place.ts';
export type { BackupPlace } from './place.ts';
export { type RestoredBackup, readConfiguration, restoreBackup } from './restore.ts';
export { removeOldBackups } from './retention.ts';
export { type VerifiedBackup, verifyBackup } from './verify.ts';
