import { expect, test } from 'vitest';
import { ParleyError } from '../errors/index.ts';
import { createLogger } from './logger.ts';

function logged(error: unknown): { err: Record<string, unknown>; line: string } {
  let line = '';
  const logger = createLogger('info', { write: (text) => (line += text) });
  logger.child({ channel: 'bot' }).error({ err: error }, 'failed');
  return { ...(JSON.parse(line) as { err: Record<string, unknown> }), line };
}

test('an error is logged without what libraries hang on it', () => {
  // As ioredis makes it when Redis refuses a command.
  const refused = Object.assign(new Error('OOM command not allowed'), {
    code: 'E_OOM',
    command: { name: 'eval', args: ['words of a person'] },
  });
  const { err, line } = logged(refused);
  expect(err).toMatchObject({ type: 'Error', message: 'OOM command not allowed', code: 'E_OOM' });
  expect(err.stack).toContain('logger.test.ts');
  expect(line).not.toContain('words of a person');
});

test('the causes of an error are told, their properties are not', () => {
  const cause = Object.assign(new Error('READONLY'), { command: { args: ['words of a person'] } });
  const { err, line } = logged(new ParleyError('unavailable', 'Redis cannot be reached', { cause }));
  expect(err).toMatchObject({ message: 'Redis cannot be reached: READONLY', code: 'unavailable' });
  expect(line).not.toContain('words of a person');
});

test('what is thrown without being an error is not quoted', () => {
  expect(logged('words of a person').err).toEqual({ type: 'string' });
});

test('secrets are replaced by their names, three levels deep, and nothing else is', () => {
  let line = '';
  const logger = createLogger('info', { write: (text) => (line += text) });
  const list = [{ token: 's3', id: 1 }];
  const fields = {
    key: 's1',
    a: { password: 's2', b: { credentials: { x: 's4' }, c: 1 } },
    list,
    when: new Date(0),
    none: null,
  };
  logger.child({ api_key: 's5', channel: 'bot' }).info(fields, 'said');
  expect(line).not.toMatch(/"s\d"/);
  expect(JSON.parse(line)).toMatchObject({
    api_key: '***',
    channel: 'bot',
    key: '***',
    a: { password: '***', b: { credentials: '***', c: 1 } },
    list: [{ token: '***', id: 1 }],
    when: '1970-01-01T00:00:00.000Z',
    none: null,
  });
  // The caller's objects stay as they were.
  expect(fields.a.password).toBe('s2');
  expect(list[0]?.token).toBe('s3');
});
