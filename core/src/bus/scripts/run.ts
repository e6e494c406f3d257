import { hash } from 'node:crypto';
import { Command } from 'ioredis';
import type { RedisClient } from '../redis.ts';

export type ScriptArgument = string | number;
export type RunScript = (keys: string[], args: ScriptArgument[]) => Promise<unknown>;

/**
 * More than any script has. A call with some hundred thousand arguments throws where ioredis gathers its batch, and takes the
 * process with it.
 */
const MAX_ARGUMENTS = 20_000;
const AS_TEXT = { replyEncoding: 'utf8' } as const;

/**
 * Makes a Lua script of a connection one that can be run: by its hash, and whole where Redis does not know it, as after a
 * restart. ioredis' own `defineCommand` does the same, with a closure, a promise and several lists more for each call.
 *
 * @param name for errors
 */
export function defineScript(redis: RedisClient, name: string, lua: string): RunScript {
  const sha = hash('sha1', lua);
  const send = (command: 'evalsha' | 'eval', script: string, rest: ScriptArgument[]) =>
    redis.sendCommand(new Command(command, [script, ...rest], AS_TEXT)) as Promise<unknown>;

  return (keys, args) => {
    if (keys.length + args.length > MAX_ARGUMENTS) {
      return Promise.reject(new RangeError(`${name}: ${args.length} arguments`));
    }
    const rest = [keys.length, ...keys, ...args];
    return send('evalsha', sha, rest).catch((error: Error) => {
      if (!error.message.startsWith('NOSCRIPT')) throw error;
      return send('eval', lua, rest);
    });
  };
}
