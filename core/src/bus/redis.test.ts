import { expect, test } from 'vitest';
import { parseRedisUrl } from './redis-url.ts';

test.each([
  ['redis+sentinel://user:pa%40ss@a:1/main', { username: 'user', password: 'pa@ss' }],
  ['redis+sentinel://:pa:ss@a:1/main', { username: undefined, password: 'pa:ss' }],
  ['redis+cluster://user:pa:s:s@a:1,b:2', { username: 'user', password: 'pa:s:s' }],
  ['redis://a:1,b:2', { username: undefined, password: undefined }],
])('%s has its user and password', (url, auth) => {
  expect(parseRedisUrl(url)).toMatchObject({ auth });
});

test('sentinels may have a password of their own, and all of it may be encrypted', () => {
  const url = 'rediss+sentinel://:one@a:1,b/main/2?sentinel_username=watch&sentinel_password=two%26';
  expect(parseRedisUrl(url)).toEqual({
    kind: 'sentinel',
    sentinels: [
      { host: 'a', port: 1 },
      { host: 'b', port: 6379 },
    ],
    name: 'main',
    db: 2,
    auth: { username: undefined, password: 'one' },
    sentinelAuth: { username: 'watch', password: 'two&' },
    tls: true,
  });
});

test.each(['redis+sentinel://a:1', 'http://a', 'redis://', 'redis+sentinel://a:x/main'])('%s is refused', (url) => {
  expect(() => parseRedisUrl(url)).toThrow(/^REDIS_URL: /);
});
