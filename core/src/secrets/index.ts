export { constantTimeEqual, fingerprint } from './compare.ts';
export { type LoadMasterKeyOptions, loadMasterKey, MASTER_KEY_FILE, parseMasterKey } from './master-key.ts';
export { createPseudonyms, type Pseudonyms } from './pseudonyms.ts';
export { createSealer, reseal, type Sealer } from './sealer.ts';
