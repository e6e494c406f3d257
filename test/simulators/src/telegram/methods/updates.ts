import { type Arguments, flagArgument, numberArgument, stringsArgument, textArgument } from '../arguments.ts';
import { badRequest } from '../error.ts';
import type { MethodAnswer, MethodContext, TelegramMethod } from './method.ts';

export const updateMethods: Record<string, TelegramMethod> = {
  getUpdates,
  setWebhook,
  deleteWebhook,
  getWebhookInfo: (_, { updates }) => ({ result: updates.webhookInfo() }),
};

const DEFAULT_CONNECTIONS = 40;
const MAX_CONNECTIONS = 100;
const MAX_UPDATES = 100;
const MAX_POLL_SECONDS = 50;

async function getUpdates(args: Arguments, { updates }: MethodContext, signal: AbortSignal): Promise<MethodAnswer> {
  const allowed = stringsArgument(args, 'allowed_updates');
  const result = await updates.poll({
    offset: numberArgument(args, 'offset') ?? 0,
    limit: clamp(numberArgument(args, 'limit') ?? MAX_UPDATES, 1, MAX_UPDATES),
    timeoutSeconds: clamp(numberArgument(args, 'timeout') ?? 0, 0, MAX_POLL_SECONDS),
    signal,
  });
  if (allowed !== undefined) updates.setAllowed(allowed);
  return { result };
}

function setWebhook(args: Arguments, context: MethodContext): MethodAnswer {
  const { updates } = context;
  const url = textArgument(args, 'url');
  if (url === undefined) return deleteWebhook(args, context);
  if (!isAcceptableUrl(url)) throw badRequest('bad webhook: An HTTPS URL must be provided for webhook');
  const secretToken = textArgument(args, 'secret_token');
  if (secretToken !== undefined && !/^[A-Za-z0-9_-]{1,256}$/.test(secretToken)) {
    throw badRequest('secret token contains unallowed characters');
  }
  const maxConnections = clamp(numberArgument(args, 'max_connections') ?? DEFAULT_CONNECTIONS, 1, MAX_CONNECTIONS);
  const allowed = stringsArgument(args, 'allowed_updates');
  if (allowed !== undefined) updates.setAllowed(allowed);
  if (flagArgument(args, 'drop_pending_updates')) updates.dropPending();
  const isSame = updates.webhookInfo().url === url;
  updates.setWebhook({ url, secretToken, maxConnections });
  return { result: true, description: isSame ? 'Webhook is already set' : 'Webhook was set' };
}

function deleteWebhook(args: Arguments, { updates }: MethodContext): MethodAnswer {
  const wasSet = updates.webhookInfo().url !== '';
  updates.setWebhook(undefined);
  if (flagArgument(args, 'drop_pending_updates')) updates.dropPending();
  return { result: true, description: wasSet ? 'Webhook was deleted' : 'Webhook is already deleted' };
}

/** Telegram takes HTTPS only; on this machine plain HTTP will do. */
function isAcceptableUrl(url: string): boolean {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === 'https:') return true;
  return parsed?.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(parsed.hostname);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
