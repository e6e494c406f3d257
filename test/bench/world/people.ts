/** Chats of one platform, spread over its bots: every platform's limits hold for a bot and for a chat. */
export const CHATS = 6_000;
export const BOTS = { slack: 400, telegram: 200, feishu: 120 } as const;

export type PlatformName = keyof typeof BOTS;

export const SECRETS = {
  slackSigning: 'bench0signing0secret',
  slackBot: 'xoxb-bench-token',
  telegramSecret: 'bench_webhook_secret',
  feishuEncrypt: 'bench0encrypt0key',
  feishuToken: 'bench0verification0token',
} as const;

/** The user id that the bot has on Slack. */
export const SLACK_BOT_USER = 'U0BENCHBOT';
export const SLACK_TEAM = 'T0BENCHTEAM';
export const SLACK_APP = 'A0BENCHAPP1';
export const FEISHU_BOT = 'ou_benchbot000000000000000000000000';

/** @param bots how many there are; default as many as `BOTS` says */
export function botOf(platform: PlatformName, chat: number, bots: number = BOTS[platform]): number {
  return chat % bots;
}

export function telegramToken(bot: number): string {
  return `${100_000 + bot}:bench-token-of-one-of-many-telegram-bots`;
}
