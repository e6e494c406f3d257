import { createHash, timingSafeEqual } from 'node:crypto';
import { type ApiGuard, readParameters, runApiCall, type SimRequest, type SimResponse } from '../shared/index.ts';
import type { Arguments } from './arguments.ts';
import { badRequest, TelegramError } from './error.ts';
import { createLimits } from './limits.ts';
import { createBotMethods } from './methods/bot.ts';
import { messageMethods } from './methods/messages.ts';
import type { MethodContext, TelegramMethod } from './methods/method.ts';
import { updateMethods } from './methods/updates.ts';

/** What counts as a message for the rate limits; drafts and chat actions do not. */
const LIMITED = new Set(['sendMessage', 'editMessageText']);

export interface TelegramApi {
  /** Answers `/botTOKEN/METHOD` and `/file/botTOKEN/PATH`. */
  handle(request: SimRequest): Promise<SimResponse | 'cut'>;
  /** Runs a call that came in a webhook's answer; its outcome is told to nobody. */
  callFromWebhook(args: Arguments): Promise<void>;
}

/** Makes the Bot API's front: token, parameters, rate limits, faults; the methods themselves know none of these. */
export function createTelegramApi(options: {
  context: MethodContext;
  guard: ApiGuard;
  token: string;
  rateLimits: boolean;
}): TelegramApi {
  const { context, guard } = options;
  const limits = createLimits();
  const methods: Record<string, TelegramMethod> = { ...updateMethods, ...messageMethods, ...createBotMethods() };
  /** Method names are case-insensitive. */
  const names = new Map(Object.keys(methods).map((name) => [name.toLowerCase(), name]));

  function waitSeconds(name: string, args: Arguments): number {
    if (!options.rateLimits || !LIMITED.has(name)) return 0;
    const { chat } = context.world.resolve(args.chat_id);
    return limits.waitSeconds(chat.id, chat.type !== 'private');
  }

  async function call(name: string, args: Arguments | undefined, signal: AbortSignal): Promise<SimResponse> {
    try {
      const method = methods[name];
      if (method === undefined) throw new TelegramError(404, 'Not Found: method not found');
      if (args === undefined) throw badRequest("can't parse the request body");
      const seconds = waitSeconds(name, args);
      if (seconds > 0) return guard.rateLimited(seconds);
      return { body: { ok: true, ...(await method(args, context, signal)) } };
    } catch (error) {
      return toResponse(error);
    }
  }

  return {
    async handle(request) {
      const match = /^\/(file\/)?bot([^/]+)\/(.+)$/.exec(request.path);
      if (match === null) return toResponse(new TelegramError(404, 'Not Found'));
      const [, isFile, token = '', rest = ''] = match;
      if (!isSame(token, options.token)) return toResponse(new TelegramError(401, 'Unauthorized'));
      if (isFile !== undefined) {
        return runApiCall(guard, { method: 'downloadFile', body: { path: rest } }, () => {
          const content = context.files.read(rest);
          return content === undefined ? toResponse(new TelegramError(404, 'Not Found')) : { body: content };
        });
      }
      const name = names.get(rest.toLowerCase()) ?? rest;
      const args = await readParameters(request);
      return runApiCall(guard, { method: name, body: args }, () => call(name, args, request.signal));
    },

    async callFromWebhook(args) {
      const { method, ...rest } = args;
      const name = names.get(String(method).toLowerCase()) ?? String(method);
      const signal = new AbortController().signal;
      await runApiCall(guard, { method: name, body: rest }, () => call(name, rest, signal));
    },
  };
}

function toResponse(error: unknown): SimResponse {
  if (error instanceof TelegramError) return { status: error.code, body: error.toBody() };
  throw error;
}

function isSame(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
