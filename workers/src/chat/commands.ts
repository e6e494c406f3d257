import type { Channel } from '@parley/adapter-registry';
import type { Head } from '@parley/core/bus';
import { type HubTextKey, hubText } from '@parley/core/i18n';
import { type LimitState, quotaText } from '@parley/core/quota';
import type { Outcome } from './outcome.ts';

/** Where the asker's limits stand. */
export type LimitsOf = (head: Head, channel: Channel) => Promise<LimitState[]>;

/**
 * What the hub answers by itself: its commands, and messages that hold no question. Undefined: this is a question.
 */
export async function answerByCommand(head: Head, channel: Channel, limitsOf: LimitsOf): Promise<Outcome | undefined> {
  const { config, tenant } = channel;
  const { message } = head.envelope;
  const names = commandNames(config.platform);
  const say = (key: HubTextKey, values: Record<string, string> = {}): Outcome => ({
    status: 'success',
    text: hubText(key, message.language, { ...names, ...values }),
    attempts: [],
    by: 'command',
  });

  const { command } = message;
  if (!command) return answerWithoutWords(head, say);
  switch (command.name) {
    case '/reset':
      return { ...say('reset_done'), by: 'reset' };
    case '/stop':
      // One that had an answer to stop has done it and never comes here.
      return say('stop_nothing');
    case '/model':
      return answerModel(command.args, head, tenant.models, say);
    case '/quota': {
      const { language } = message;
      return { ...say('help'), text: quotaText(await limitsOf(head, channel), language, tenant.timezone) };
    }
    case '/help':
    case '/start':
      return say('help');
    default:
      // Only the channel's own commands start a chat turn; anything else gets the list of what there is.
      if (!config.triggers.commands.includes(command.name)) return say('help');
      return command.args === '' ? say('ask_usage') : undefined;
  }
}

/** A bare mention or a lone picture holds no question yet: say what to do, never stay silent. */
function answerWithoutWords(head: Head, say: (key: HubTextKey) => Outcome): Outcome | undefined {
  const { text, attachments, addressed } = head.envelope.message;
  if (text.trim() !== '') return undefined;
  return attachments.length === 0 && addressed === 'mention' ? say('help') : say('attachments_only');
}

function answerModel(
  args: string,
  head: Head,
  models: readonly string[],
  say: (key: HubTextKey, values?: Record<string, string>) => Outcome,
): Outcome {
  const wanted = args.trim();
  if (wanted === 'auto') return { ...say('model_auto'), pickModel: null };
  if (wanted !== '') {
    const found = models.find((id) => id.toLowerCase() === wanted.toLowerCase());
    return found
      ? { ...say('model_picked', { name: found }), pickModel: found }
      : say('model_unknown', { name: wanted.replaceAll('`', '').slice(0, 64) });
  }
  const current = models.includes(head.pickedModel ?? '') ? head.pickedModel : models[0];
  const inUse = hubText('model_current', head.envelope.message.language);
  const list = models.map((id) => (id === current ? `- \`${id}\` (${inUse})` : `- \`${id}\``)).join('\n');
  return say('model_list', { list });
}

/** How people write the commands: Slack knows one slash command, the others are words after it. */
function commandNames(platform: string): Record<string, string> {
  return platform === 'slack'
    ? { ask: '/ai', help: '/ai help', reset: '/ai reset', stop: '/ai stop', model: '/ai model', quota: '/ai quota' }
    : { ask: '/ai', help: '/help', reset: '/reset', stop: '/stop', model: '/model', quota: '/quota' };
}
