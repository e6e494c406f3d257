import { expect, test } from 'vitest';
import { createChatLog } from './chat-log.ts';

const message = (id: string, text: string) =>
  ({ id, chat: 'c', author: 'person', authorId: 'alice', text, raw: {} }) as const;

test('keeps every version, and hands out snapshots', () => {
  const log = createChatLog();
  const added = log.add(message('1', 'one'));
  log.edit('c', '1', 'two');
  expect(added).toMatchObject({ text: 'one', edits: 0 });
  expect(log.transcript('c')).toMatchObject([{ text: 'two', edits: 1, versions: ['one', 'two'] }]);
  log.remove('c', '1');
  expect(log.transcript('c')).toEqual([]);
  expect(log.edit('c', '1', 'three')).toBeUndefined();
});

test('waitFor finds what is there, what comes, and what is edited in', async () => {
  const log = createChatLog();
  const later = log.waitFor('c', ({ text }) => text === 'done');
  log.add(message('1', 'working'));
  expect((await log.waitFor('c', ({ id }) => id === '1')).text).toBe('working');
  log.edit('c', '1', 'done');
  expect((await later).versions).toEqual(['working', 'done']);
});

test('waitFor tells the transcript when it gives up, and when the log is closed', async () => {
  const log = createChatLog();
  log.add(message('1', 'something else'));
  await expect(log.waitFor('c', () => false, 1)).rejects.toThrow(/within 1 ms[\s\S]*alice: something else/);
  const open = log.waitFor('empty', () => false);
  log.close();
  await expect(open).rejects.toThrow('Nothing was said in empty');
});
