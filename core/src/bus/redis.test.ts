import { expect, test } from 'vitest';
import { parseRedisUrl } from './redis.ts';

test.each([
  ['redis+sentinel://user:pa%40ss@a:1/main', { username: 'user', password: 'pa@ss' }],
  ['redis+sentinel://:pa:ss@a:1/main', { username: undefined, password: 'pa:ss' }],
  ['redis+cluster://user:pa:s:s@a:1,b:2', { username: 'user', password: 'pa:s:s' }],
  ['redis://a:1,b:2', { username: undefined, password: undefined }],
])('%s has its user and password', (url, auth) => {
  expect(parseRedisUrl(url)).toMatchObject({ auth });
});
