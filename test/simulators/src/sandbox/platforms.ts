import { type FeishuSimulator, startFeishuSimulator } from '../feishu/index.ts';
import { type SlackSimulator, startSlackSimulator } from '../slack/index.ts';
import { startTelegramSimulator, type TelegramSimulator } from '../telegram/index.ts';
import type { SimMessage } from '../types.ts';

/** What only one platform's simulator can tell: how its bot shows that it is at work. */
export interface Stage {
  simulator: FeishuSimulator | SlackSimulator | TelegramSimulator;
  botId: string;
  personId(name: string): string;
  isTyping(chat: string, latest: readonly SimMessage[]): boolean;
  /** Text that is shown while it is written and is no message yet. */
  draft(chat: string): string | undefined;
}

/** Credentials are made up anew: the ones in the simulators' source would let anybody speak to the hub. */
const OPTIONS = { randomSecrets: true };

export async function startStages(): Promise<Stage[]> {
  const [feishu, telegram, slack] = await Promise.all([
    startFeishuSimulator(OPTIONS),
    startTelegramSimulator(OPTIONS),
    startSlackSimulator(OPTIONS),
  ]);
  return [feishuStage(feishu), telegramStage(telegram), slackStage(slack)];
}

/** A card that is being streamed says so itself; before it, bots put a reaction under the question. */
function feishuStage(simulator: FeishuSimulator): Stage {
  const isStreamed = ({ raw }: SimMessage) => {
    const config: unknown = Reflect.get(Object(raw), 'config');
    return Reflect.get(Object(config), 'streaming_mode') === true;
  };
  const hasMark = ({ id }: SimMessage) => simulator.reactions(id).some(({ operatorType }) => operatorType === 'app');
  return {
    simulator,
    botId: simulator.botOpenId,
    personId: (name) => simulator.userId(name),
    isTyping: (_, latest) => latest.some((message) => isStreamed(message) || hasMark(message)),
    draft: () => undefined,
  };
}

function telegramStage(simulator: TelegramSimulator): Stage {
  return {
    simulator,
    botId: String(simulator.bot.id),
    personId: (name) => String(simulator.userId(name)),
    isTyping: (chat) => simulator.isTyping(chat) || simulator.draft(chat) !== undefined,
    draft: (chat) => simulator.draft(chat),
  };
}

function slackStage(simulator: SlackSimulator): Stage {
  return {
    simulator,
    botId: simulator.botUserId,
    personId: (name) => simulator.userId(name),
    isTyping(chat, latest) {
      const channel = simulator.chatId(chat);
      const roots = new Set(latest.map(({ id, thread }) => thread ?? id));
      return (
        [...roots].some((ts) => simulator.threadStatus(chat, ts) !== undefined) ||
        simulator.openStreams().some((stream) => stream.channel === channel)
      );
    },
    draft: () => undefined,
  };
}
