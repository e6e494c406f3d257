import type { RedisClient } from '../redis.ts';

export type ScriptArgument = string | number;
export type RunScript = (keys: string[], args: ScriptArgument[]) => Promise<unknown>;

/** Registers a Lua script on a connection (EVALSHA, loaded when Redis does not know it) and returns how to run it. */
export function defineScript(redis: RedisClient, name: string, lua: string): RunScript {
  redis.defineCommand(name, { lua });
  const command = Reflect.get(redis, name) as (...args: ScriptArgument[]) => Promise<unknown>;
  return (keys, args) => command.call(redis, keys.length, ...keys, ...args);
}
