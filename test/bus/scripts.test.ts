import { defineScript } from '@parley/core/bus';
import { expect, test } from 'vitest';
import { useRedis } from '../support/use-redis.ts';

const { redis, connect } = useRedis();
const ECHO = "redis.call('INCR', KEYS[1]) return { KEYS[1], ARGV[1], ARGV[2], redis.call('GET', KEYS[1]) }";

test('runs with keys and arguments, whatever they hold', async () => {
  const run = defineScript(redis(), 'echo', ECHO);
  expect(await run(['{a}key'], ['你好\0', 7])).toEqual(['{a}key', '你好\0', '7', '1']);
});

test('runs once where Redis knows the script no more, and where it is a new connection', async () => {
  const run = defineScript(redis(), 'echo', ECHO);
  await run(['{a}key'], ['', '']);
  await redis().script('FLUSH');
  expect(await run(['{a}key'], ['', ''])).toEqual(['{a}key', '', '', '2']);
  expect(await defineScript(connect(), 'echo', ECHO)(['{a}key'], ['', ''])).toEqual(['{a}key', '', '', '3']);
});

test('tells what a script fails with, and runs it no second time', async () => {
  const run = defineScript(redis(), 'fails', "redis.call('INCR', KEYS[1]) return redis.error_reply('NOPE it is')");
  await expect(run(['{a}key'], [])).rejects.toThrow('NOPE it is');
  expect(await redis().get('{a}key')).toBe('1');
});

test('refuses more arguments than any script has', async () => {
  const run = defineScript(redis(), 'echo', ECHO);
  await expect(run(['{a}key'], Array.from({ length: 30_000 }, String))).rejects.toThrow(RangeError);
});
