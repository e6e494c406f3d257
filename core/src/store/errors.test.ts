import { describe, expect, test } from 'vitest';
import { guarded } from './errors.ts';

const failing = (code: string) =>
  guarded('looking', async () => {
    throw new Error('a query', { cause: Object.assign(new Error('what a row says'), { code }) });
  });

describe('what a database says', () => {
  test.each(['22003', '22021', '22P05', '22009'])('%s: the value is no value', async (code) => {
    await expect(failing(code)).rejects.toMatchObject({ code: 'invalid_request' });
  });

  test.each(['08006', '40001', '57P01', 'ECONNREFUSED'])('%s: it may be better later', async (code) => {
    await expect(failing(code)).rejects.toMatchObject({ code: 'unavailable' });
  });

  test.each(['42P01', '23505', '22012'])('%s: nobody foresaw it, and no row is quoted', async (code) => {
    await expect(failing(code)).rejects.toMatchObject({
      code: 'internal',
      message: expect.not.stringContaining('row says'),
    });
  });
});
