import { Telegraf } from 'telegraf';
import { SECRETS, telegramToken } from '../world/people.ts';
import { readInput, serve } from './input.ts';
import { askWithSdk } from './models.ts';

/** Peer: the framework for Telegram. In process: a restart forgets what was acknowledged. */
const { modelUrl, platformUrl } = readInput();
const ask = askWithSdk(modelUrl);
const bot = new Telegraf(telegramToken(0), { telegram: { apiRoot: platformUrl, webhookReply: false } });
bot.on('text', async (context) => {
  await context.reply(await ask(context.message.text));
});
bot.botInfo = await bot.telegram.getMe();
serve(bot.webhookCallback('/telegraf', { secretToken: SECRETS.telegramSecret }));
