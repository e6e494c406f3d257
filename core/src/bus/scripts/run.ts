import type { RedisClient } from '../redis.ts';

export type ScriptArgument = string | number;
export type RunScript = (keys: string[], args: ScriptArgument[]) => Promise<unknown>;

/**
 * More than any script has. A call with some hundred thousand arguments throws where ioredis gathers its batch, and takes the
 * process with it.
 */
const MAX_ARGUMENTS = 20_000;

/** Registers a Lua script on a connection (EVALSHA, loaded when Redis does not know it) and returns how to run it. */
export function defineScript(redis: RedisClient, name: string, lua: string): RunScript {
  redis.defineCommand(name, { lua });
  const command = Reflect.get(redis, name) as (...args: ScriptArgument[]) => Promise<unknown>;
  return (keys, args) => {
    if (keys.length + args.length > MAX_ARGUMENTS) {
      return Promise.reject(new RangeError(`${name}: ${args.length} arguments`));
    }
    return command.call(redis, keys.length, ...keys, ...args);
  };
}
