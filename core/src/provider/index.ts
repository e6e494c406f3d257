export { askOnce } from './ask-once.ts';
export { fingerprintOf } from './fingerprint.ts';
export { createProviders, type Providers, type ProvidersOptions } from './providers.ts';
export type * from './types.ts';
