import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createReachableCheck } from './reachable.ts';

describe('addresses that are entered in the console', () => {
  test('however an IPv4 address is written in a URL, it is seen for what it is', async () => {
    const check = createReachableCheck(false, async () => []);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 0xffffff }), fc.constantFrom('decimal', 'hex', 'mapped'), async (low, how) => {
        const number = 0x7f000000 + low;
        const host = {
          decimal: `${number}`,
          hex: `0x${number.toString(16)}`,
          mapped: `[::ffff:${(number >>> 16).toString(16)}:${(number & 0xffff).toString(16)}]`,
        }[how];
        await expect(check(`http://${host}/v1`, 'config.endpoints.0.base_url')).rejects.toMatchObject({
          fields: [{ path: 'config.endpoints.0.base_url' }],
        });
      }),
    );
  });

  test('a name is what it resolves to, every address of it', async () => {
    const names: Record<string, string[]> = { 'good.example': ['8.8.8.8'], 'mixed.example': ['8.8.8.8', '10.0.0.1'] };
    const check = createReachableCheck(false, async (host) => {
      const found = names[host];
      if (!found) throw new Error('ENOTFOUND');
      return found;
    });
    await check('https://good.example/v1', 'x');
    await expect(check('https://mixed.example/v1', 'x')).rejects.toThrow(/own network/);
    await expect(check('https://nowhere.example/v1', 'x')).rejects.toThrow(/cannot be found/);
    await createReachableCheck(true)('http://127.0.0.1:11434', 'x');
  });
});
