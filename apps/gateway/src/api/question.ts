import { hash } from 'node:crypto';
import type { Caller } from '@parley/core/auth';
import type { TenantConfig } from '@parley/core/config';
import { ParleyError } from '@parley/core/errors';
import { detectLanguage } from '@parley/core/i18n';
import { newRequestId } from '@parley/core/message';
import type { Question } from '@parley/core/pipeline';
import type { ChatMessage, RequestExtras } from '@parley/core/provider';
import type { Span } from '@parley/core/telemetry';
import type { FastifyRequest } from 'fastify';
import type { ApiMessage } from './schemas.ts';
import type { ChatApiDeps } from './types.ts';

/** No new attempt at a model is begun later than this. */
const TRY_MODELS_MS = 120_000;
/** Names that callers give for "whichever the tenant prefers". */
const ANY_MODEL = new Set(['auto', 'default', 'parley']);

export interface Asked {
  /** Absent: it has no name yet. */
  request?: Pick<FastifyRequest, 'id' | 'headers'> | undefined;
  caller: Caller;
  tenant: TenantConfig;
  messages: readonly ApiMessage[];
  model?: string | null | undefined;
  sessionId?: string | undefined;
  history?: ChatMessage[] | undefined;
  endUser?: string | null | undefined;
  temperature?: number | null | undefined;
  maxOutputTokens?: number | null | undefined;
  extras?: RequestExtras | undefined;
  span?: Span | undefined;
  signal: AbortSignal;
}

/** A caller's request as the chat core takes it. @throws ParleyError `invalid_request`, `not_found` */
export function toQuestion(asked: Asked, { pseudonym }: Pick<ChatApiDeps, 'pseudonym'>): Question {
  const { caller, tenant, model, sessionId, history = [], signal } = asked;
  const system = asked.messages.filter(({ role }) => role === 'system' || role === 'developer').map(textOf);
  const talk = asked.messages.filter(({ role }) => role !== 'system' && role !== 'developer');
  const last = talk.at(-1);
  if (!last || last.role === 'assistant') {
    throw new ParleyError('invalid_request', 'messages: the last one must be of role user or tool');
  }
  const asksWithWords = last.role === 'user';
  const earlier = (asksWithWords ? talk.slice(0, -1) : talk).map(messageOf);
  // The caller's own id names it in the log only: one that is sent twice would be charged once.
  const { id, headers } = asked.request ?? { id: newRequestId(), headers: {} };
  const isOurs = headers['x-request-id'] !== id;
  const requestId = isOurs ? id : newRequestId();
  // A request without a session is a conversation of its own, and its id is nobody else's.
  const own = sessionId === undefined ? `${tenant.id}.api.${requestId}` : conversationOf(caller, sessionId);
  const question = asksWithWords ? messageOf(last) : undefined;
  const text = question?.content ?? '';
  return {
    requestId,
    ...(isOurs ? {} : { clientRequestId: id }),
    tenant,
    platform: 'api',
    user: pseudonym(tenant.id, 'api', `${caller.keyId}/${caller.subject ?? asked.endUser ?? ''}`),
    apiKey: { id: caller.keyId, limits: caller.limits },
    conversation: own,
    ...(sessionId === undefined ? { recordedUnder: conversationOf(caller, '') } : {}),
    language: detectLanguage(text),
    text,
    images: question?.images,
    history: async () => history,
    messages: earlier,
    system: system.join('\n\n') || undefined,
    ...pickedModel(model, tenant),
    temperature: asked.temperature ?? undefined,
    maxOutputTokens: asked.maxOutputTokens ?? undefined,
    extras: asked.extras,
    withRules: false,
    // The caller has its answer a round trip sooner; a next request of its own comes to Redis after it all the same.
    settlesLater: true,
    deadlineAt: Date.now() + TRY_MODELS_MS,
    span: asked.span,
    signal,
  };
}

/** Opaque, and another one for every key, end user and session. */
export function conversationOf({ tenant, keyId, subject = '' }: Caller, sessionId: string): string {
  const digest = hash('sha256', [tenant, keyId, subject, sessionId].join('\0'), 'base64url');
  return `${tenant}.api.${digest.slice(0, 22)}`;
}

function pickedModel(model: string | null | undefined, tenant: TenantConfig): Partial<Question> {
  if (model == null || ANY_MODEL.has(model)) return {};
  if (tenant.models.length > 0 && !tenant.models.includes(model)) throw unknownModel(model);
  return { preferredModel: model, onlyModel: tenant.models.length > 0 };
}

/** One message for "no such model" and "not this tenant's": nobody learns what others have. */
export function unknownModel(model: string): ParleyError {
  return new ParleyError(
    'not_found',
    `model: there is no model ${JSON.stringify(model.slice(0, 64))}; see GET /v1/models`,
  );
}

function messageOf(message: ApiMessage): ChatMessage {
  const content = textOf(message);
  if (message.role === 'tool') return { role: 'tool', content, toolCallId: message.tool_call_id };
  if (message.role === 'assistant') {
    const toolCalls = message.tool_calls?.map(({ id, function: { name, arguments: args } }) => ({
      id,
      name,
      arguments: args,
    }));
    return { role: 'assistant', content, ...(toolCalls?.length ? { toolCalls } : {}) };
  }
  const parts = message.role === 'user' && typeof message.content !== 'string' ? message.content : [];
  const images = parts.flatMap((one) => (one.type === 'image_url' ? [one.image_url] : []));
  return { role: 'user', content, ...(images.length > 0 ? { images } : {}) };
}

function textOf({ content }: ApiMessage): string {
  if (typeof content === 'string' || content == null) return content ?? '';
  return content.flatMap((one) => (one.type === 'text' ? [one.text] : [])).join('\n');
}
