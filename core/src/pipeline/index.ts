export { ask } from './ask.ts';
export { maskText } from './mask.ts';
export type * from './types.ts';
