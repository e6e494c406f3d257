import type { ModelConfig } from '../config/index.ts';
import type { Providers } from './providers.ts';
import type { Usage } from './types.ts';

const SHORT = 256;

export interface AskOnceOptions {
  baseUrl?: string | undefined;
  maxOutputTokens?: number;
}

/**
 * Asks a model with its first key, at its first endpoint unless another is named, once: for trying a model out. Costs
 * what a short answer costs.
 *
 * @throws ParleyError of the `model_*` codes
 */
export async function askOnce(
  providers: Pick<Providers, 'providerFor'>,
  model: ModelConfig,
  text: string,
  signal: AbortSignal,
  { baseUrl = model.endpoints[0]?.base_url, maxOutputTokens = SHORT }: AskOnceOptions = {},
): Promise<{ reply: string; usage: Usage }> {
  const call = { model, baseUrl, apiKey: model.keys[0], signal };
  const request = { messages: [{ role: 'user' as const, content: text }], maxOutputTokens };
  let reply = '';
  let usage: Usage = { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, estimated: true };
  for await (const event of providers.providerFor(model).stream(request, call)) {
    if (event.type === 'delta') reply += event.text;
    if (event.type === 'finish') usage = event.usage;
  }
  return { reply, usage };
}
