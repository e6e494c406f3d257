export type * from './types.ts';
export { startSandboxWorld } from './world.ts';
