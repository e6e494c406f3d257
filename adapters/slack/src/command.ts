import type { Command } from '@parley/core/message';

/** Commands of the hub that take no argument: `/ai help me with …` is a question, `/ai help` is not. */
const ALONE = new Set(['help', 'reset', 'stop', 'quota']);
const HUB_COMMANDS = ['/ai', '/help', '/reset', '/stop', '/quota', '/model'];

/**
 * A slash command as the hub's command. Slack apps register one command, `/ai`, so the others are its first word:
 * `/ai reset` is `/reset`, `/ai model gpt-4o` is `/model`, `/ai anything else` asks. Every other name stands for itself.
 */
export function readCommand(name: string, text: string): Command {
  const command = { name: name.toLowerCase(), args: text.trim() };
  if (command.name !== '/ai') return command;
  const [first = '', ...rest] = command.args.split(/\s+/);
  const word = first.toLowerCase();
  if (ALONE.has(word) && rest.length === 0) return { name: `/${word}`, args: '' };
  if (word === 'model' && rest.length <= 1) return { name: '/model', args: rest.join('') };
  return command;
}

/**
 * A command that was typed into a message. Slack's client keeps a leading slash for itself, but after a mention or a
 * space it arrives as text. Only known names count: `/etc is full` is a sentence.
 *
 * @param configured the channel's own commands, with their slash
 */
export function readTypedCommand(text: string, configured: readonly string[]): Command | undefined {
  const match = /^(\/[a-z0-9_]{1,32})(?:\s+([\s\S]*))?$/i.exec(text);
  const name = match?.[1]?.toLowerCase();
  if (name === undefined || !(HUB_COMMANDS.includes(name) || configured.includes(name))) return undefined;
  return readCommand(name, match?.[2] ?? '');
}
