export { ask } from './ask.ts';
export type * from './types.ts';
