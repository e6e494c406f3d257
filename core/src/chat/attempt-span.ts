import type { ModelConfig } from '../config/index.ts';
import type { ParleyError } from '../errors/index.ts';
import type { Route } from '../pool/types.ts';
import type { FinishReason, ModelRequest, Usage } from '../provider/types.ts';
import type { Span } from '../telemetry/tracing.ts';

/** How the GenAI conventions call our providers; the others are what they are here. */
const PROVIDER_NAMES: Partial<Record<ModelConfig['provider'], string>> = {
  'azure-openai': 'azure.ai.openai',
  // What speaks OpenAI's protocol is told by the address.
  'openai-compatible': 'openai',
};

/**
 * One call to a model, by OpenTelemetry's conventions for generative AI. These know attributes for what was asked and
 * answered, too: they are left out on purpose. https://github.com/open-telemetry/semantic-conventions-genai
 */
export function beginAttemptSpan(
  parent: Span,
  model: ModelConfig,
  { baseUrl, name, keyFingerprint }: Route,
  { maxOutputTokens, temperature }: ModelRequest,
): Span {
  const upstream = model.model ?? model.id;
  return parent.child(`chat ${upstream}`, {
    kind: 'client',
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': PROVIDER_NAMES[model.provider] ?? model.provider,
      'gen_ai.request.model': upstream,
      'gen_ai.request.stream': true,
      'gen_ai.request.max_tokens': maxOutputTokens,
      'gen_ai.request.temperature': temperature,
      // The host alone: a path or a query could hold a secret.
      'server.address': baseUrl === undefined ? undefined : URL.parse(baseUrl)?.hostname,
      'parley.model': model.id,
      'parley.endpoint': name,
      'parley.key': keyFingerprint,
    },
  });
}

export interface AttemptEnd {
  error: ParleyError | undefined;
  usage: Usage | undefined;
  firstTokenMs: number | undefined;
  finish: FinishReason | undefined;
}

export function endAttemptSpan(span: Span, { error, usage, firstTokenMs, finish }: AttemptEnd): void {
  span.set({
    'gen_ai.usage.input_tokens': usage?.inputTokens,
    'gen_ai.usage.output_tokens': usage?.outputTokens,
    'gen_ai.usage.cache_read.input_tokens': usage?.cachedInputTokens || undefined,
    'gen_ai.usage.cache_creation.input_tokens': usage?.cacheWriteTokens,
    'gen_ai.response.finish_reasons': finish && [finish],
    'gen_ai.response.time_to_first_chunk': firstTokenMs === undefined ? undefined : firstTokenMs / 1000,
  });
  if (error) span.fail(error.code);
  span.end();
}
