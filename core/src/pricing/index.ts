export { createPrices } from './prices.ts';
export type * from './types.ts';
