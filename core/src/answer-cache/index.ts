export { type AnswerCacheOptions, createAnswerCache } from './cache.ts';
export type * from './types.ts';
