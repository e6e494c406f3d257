export { startHub, type TestHub } from './hub.ts';
export { fillWithEmptyPglite, openEmptyPglite } from './pglite.ts';
export { startPostgres } from './postgres.ts';
export { startRedis, type TestRedis } from './redis.ts';
export { readMessages } from './stored-messages.ts';
export { until } from './until.ts';
export { createWorld, type World, type WorldOptions } from './world.ts';
