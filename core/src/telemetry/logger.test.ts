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
