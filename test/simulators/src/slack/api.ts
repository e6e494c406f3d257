import { createHash, timingSafeEqual } from 'node:crypto';
import {
  type ApiGuard,
  createRateWindow,
  readParameters,
  runApiCall,
  type SimRequest,
  type SimResponse,
} from '../shared/index.ts';
import { type Arguments, textArgument } from './arguments.ts';
import { SlackError } from './error.ts';
import { chatMethods } from './methods/chat.ts';
import { conversationMethods } from './methods/conversations.ts';
import type { MethodContext, SlackMethod } from './methods/method.ts';
import { streamMethods } from './methods/stream.ts';
import { workspaceMethods } from './methods/workspace.ts';

const METHODS: Record<string, SlackMethod> = {
  ...chatMethods,
  ...streamMethods,
  ...conversationMethods,
  ...workspaceMethods,
};

const SCOPES =
  'app_mentions:read,assistant:write,channels:history,chat:write,commands,im:history,im:write,reactions:write,users:read';

/** "About one message per second per channel" with short bursts; the window is a little short, so that clocks may jitter. */
const POST_WINDOW = { limit: 3, windowMs: 2_900 };
const POSTING = new Set(['chat.postMessage', 'chat.startStream']);

export interface SlackApi {
  /** Answers `POST /api/METHOD`. */
  handle(request: SimRequest, method: string): Promise<SimResponse | 'cut'>;
}

/** Makes the Web API's front: tokens, argument encodings, rate limits, faults; the methods themselves know none of these. */
export function createSlackApi(options: {
  context: MethodContext;
  guard: ApiGuard;
  tokens: { bot: string; app: string };
  rateLimits: boolean;
}): SlackApi {
  const { context, guard, tokens } = options;
  const posts = createRateWindow(POST_WINDOW);
  const tiers = new Map<number, ReturnType<typeof createRateWindow>>();

  function waitSeconds(name: string, method: SlackMethod, args: Arguments): number {
    if (!options.rateLimits) return 0;
    if (POSTING.has(name)) {
      const waitMs = posts.take(textArgument(args, 'channel') ?? '');
      if (waitMs > 0) return Math.ceil(waitMs / 1000);
    }
    if (!Number.isFinite(method.perMinute)) return 0;
    const tier = tiers.get(method.perMinute) ?? createRateWindow({ limit: method.perMinute, windowMs: 60_000 });
    tiers.set(method.perMinute, tier);
    return Math.ceil(tier.take(name) / 1000);
  }

  function call(name: string, args: Arguments, token: string | undefined): SimResponse {
    const method = METHODS[name];
    if (method === undefined) throw new SlackError('unknown_method');
    checkToken(token, method.token === 'app' ? tokens.app : tokens.bot, tokens);
    const seconds = waitSeconds(name, method, args);
    if (seconds > 0) return guard.rateLimited(seconds);
    return { body: { ok: true, ...method.run(args, context) }, headers: { 'x-oauth-scopes': SCOPES } };
  }

  return {
    async handle(request, name) {
      const args = await readParameters(request);
      const token = bearerToken(request) ?? (args && textArgument(args, 'token'));
      return runApiCall(guard, { method: name, body: args }, () => {
        try {
          if (args === undefined) throw new SlackError(isJson(request) ? 'invalid_json' : 'invalid_form_data');
          return withWarnings(call(name, args, token), request);
        } catch (error) {
          if (error instanceof SlackError) return { body: error.toBody() };
          throw error;
        }
      });
    },
  };
}

function checkToken(token: string | undefined, wanted: string, tokens: { bot: string; app: string }): void {
  if (token === undefined) throw new SlackError('not_authed');
  if (isSame(token, wanted)) return;
  const isOther = isSame(token, tokens.bot) || isSame(token, tokens.app);
  throw new SlackError(isOther ? 'not_allowed_token_type' : 'invalid_auth');
}

function isSame(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}

function bearerToken(request: SimRequest): string | undefined {
  return /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
}

function isJson(request: SimRequest): boolean {
  return (request.headers['content-type'] ?? '').startsWith('application/json');
}

/** Slack warns about a JSON body whose content type names no charset. */
function withWarnings(response: SimResponse, request: SimRequest): SimResponse {
  if (!isJson(request) || /charset=/i.test(request.headers['content-type'] ?? '')) return response;
  if (response.body === null || typeof response.body !== 'object' || response.status !== undefined) return response;
  const metadata = 'response_metadata' in response.body ? { ...(response.body.response_metadata as object) } : {};
  const warnings = ['missing_charset'];
  return {
    ...response,
    body: { ...response.body, warning: 'missing_charset', response_metadata: { ...metadata, warnings } },
  };
}
