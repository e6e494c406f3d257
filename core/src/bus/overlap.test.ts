import { describe, expect, test } from 'vitest';
import type { Message } from '../message/index.ts';
import { overlapOf } from './overlap.ts';

const message = (over: Partial<Message> = {}): Message => ({
  id: 'm',
  chat: { id: 'c', kind: 'direct' },
  sender: { id: 'alice' },
  text: 'why?',
  mentions: [],
  contextRefs: [],
  attachments: [],
  language: 'en',
  sentAt: 1,
  ...over,
});
const command = (name: string, args = '') => message({ command: { name, args }, text: args });
const NOW = 1_000_000;

describe('overlapOf', () => {
  test.each([
    ['queue', 0, {}, undefined],
    ['queue', 500, { notBefore: NOW + 500 }, undefined],
    ['merge', 0, { merge: 4 }, undefined],
    ['interrupt', 500, { merge: 4, notBefore: NOW + 500 }, 'newer'],
  ] as const)('a question with %s and debounce %i', (overlap, debounce_ms, plan, stops) => {
    const result = overlapOf({ overlap, debounce_ms }, message(), NOW);
    expect(JSON.parse(JSON.stringify(result.plan))).toEqual(plan);
    expect(result.stops).toBe(stops);
  });

  test.each([
    ['a command', command('/reset')],
    ['a command that asks', command('/ai', 'why?')],
    ['a message without words', message({ text: ' ' })],
  ])('%s waits for nobody, joins nobody and interrupts nobody', (_what, given) => {
    expect(overlapOf({ overlap: 'interrupt', debounce_ms: 500 }, given, NOW)).toEqual({ plan: {} });
  });

  test('/stop stops whatever the channel says', () => {
    expect(overlapOf({ overlap: 'queue', debounce_ms: 500 }, command('/stop'), NOW)).toEqual({
      plan: {},
      stops: 'command',
    });
  });
});
