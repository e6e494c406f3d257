export { compileGuards } from './guard.ts';
export { checkGuardPattern } from './patterns.ts';
export type * from './types.ts';
export { createVault, createVaultStore } from './vault.ts';
