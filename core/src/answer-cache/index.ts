export { type AnswerCacheOptions, createAnswerCache, purgeAnswers } from './cache.ts';
export type * from './types.ts';
