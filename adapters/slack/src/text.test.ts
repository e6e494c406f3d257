import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCommand, readTypedCommand } from './command.ts';
import { readText } from './text.ts';

const BOT = 'U0BOT';

describe('readText', () => {
  test.each([
    ['<@U0BOT> hi', 'hi'],
    ['<@U0BOT|parley>: hi', 'hi'],
    ['<@U0BOT>，你好', '你好'],
    ['<@U0BOT> :smile:', ':smile:'],
    [':smile: <@U0BOT>', ':smile:'],
    ['hi <@U0BOT>, all well?', 'hi, all well?'],
    ['first\n<@U0BOT> second', 'first\n second'],
    ['<@U0ANN> and <@U0BEN|ben>', '@U0ANN and @ben'],
    ['<#C0GEN|general> <#C0SECRET>', '#general #C0SECRET'],
    ['<!channel> <!everyone>', '@channel @everyone'],
    ['<!subteam^S0OPS|@ops> <!subteam^S0OPS>', '@ops @S0OPS'],
    ['<!date^1392734382^{date}|Feb 18, 2014>', 'Feb 18, 2014'],
    ['<https://example.com/a?b=1&amp;c=2>', 'https://example.com/a?b=1&c=2'],
    ['<http://example.com|example.com>', 'example.com'],
    ['<https://example.com|here>', 'here (https://example.com)'],
    ['<mailto:a@example.com|a@example.com> <tel:+15550100|+15550100>', 'a@example.com +15550100'],
    ['&amp;lt; &lt;@U0BOT&gt; 1 &lt; 2', '&lt; <@U0BOT> 1 < 2'],
    ['a < b <> c', 'a < b <> c'],
  ])('%j reads %j', (mrkdwn, text) => {
    expect(readText(mrkdwn, BOT).text).toBe(text);
  });

  test('lists everybody but the bot once', () => {
    expect(readText('<@U0ANN> <@U0BOT> <@U0BEN|ben> <@U0ANN>', BOT)).toMatchObject({
      mentions: [{ id: 'U0ANN' }, { id: 'U0BEN', name: 'ben' }],
      mentionsBot: true,
    });
  });

  test('gives back what a person typed, as Slack escapes it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (typed) => {
        const escaped = typed.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
        expect(readText(escaped, BOT).text).toBe(typed.trim());
      }),
    );
  });
});

describe('commands', () => {
  test.each([
    ['/AI', 'help', '/help', ''],
    ['/ai', 'HELP', '/help', ''],
    ['/ai', ' quota ', '/quota', ''],
    ['/ai', 'model', '/model', ''],
    ['/ai', 'model auto', '/model', 'auto'],
    ['/ai', 'help me with this', '/ai', 'help me with this'],
    ['/ai', 'model a river delta', '/ai', 'model a river delta'],
    ['/ai', '', '/ai', ''],
    ['/Ask', 'help', '/ask', 'help'],
  ])('%s %s', (name, text, expected, args) => {
    expect(readCommand(name, text)).toEqual({ name: expected, args });
  });

  test('typed commands count only when they are known', () => {
    expect(readTypedCommand('/ai reset', [])).toEqual({ name: '/reset', args: '' });
    expect(readTypedCommand('/ai stop', [])).toEqual({ name: '/stop', args: '' });
    expect(readTypedCommand('/stop', [])).toEqual({ name: '/stop', args: '' });
    expect(readTypedCommand('/model gpt-4o', [])).toEqual({ name: '/model', args: 'gpt-4o' });
    expect(readTypedCommand('/ask why\nnot', ['/ask'])).toEqual({ name: '/ask', args: 'why\nnot' });
    expect(readTypedCommand('/etc is full', [])).toBeUndefined();
    expect(readTypedCommand('/ai/notes', [])).toBeUndefined();
    expect(readTypedCommand('see /help', [])).toBeUndefined();
  });
});
