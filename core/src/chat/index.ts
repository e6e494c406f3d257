export { answer } from './answer.ts';
export type * from './types.ts';
