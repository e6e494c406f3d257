export { endpointName } from './endpoint-name.ts';
export { createPool, type PoolOptions } from './pool.ts';
export type * from './types.ts';
