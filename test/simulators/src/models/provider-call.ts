import { modelSchema, type ProviderName } from '@parley/core/config';
import type { ParleyError } from '@parley/core/errors';
import { createProviders, type ModelCall, type ModelEvent, type ModelRequest } from '@parley/core/provider';

/** What the provider tests share: a question, keys that no error may repeat, and a call played to its end. */
export const KEYS = ['sk-first-secret-key', 'sk-second-secret-key'];
export const SECRET_PROMPT = 'the launch code is swordfish';
export const QUESTION: ModelRequest = {
  system: 'Be brief.',
  messages: [{ role: 'user', content: SECRET_PROMPT }],
};

export const providers = createProviders();

/** A call of the first key at `baseUrl`; `model` adds to the model's configuration. */
export function callOf(
  provider: ProviderName,
  baseUrl: string,
  call: Partial<ModelCall> = {},
  model: object = {},
): ModelCall {
  return {
    model: modelSchema.parse({ id: 'm', provider, model: 'sim-1', endpoints: [{ base_url: baseUrl }], ...model }),
    baseUrl,
    apiKey: KEYS[0],
    signal: new AbortController().signal,
    ...call,
  };
}

/** Everything a call gave until it ended or failed. */
export async function run(request: ModelRequest, call: ModelCall) {
  const events: ModelEvent[] = [];
  let error: ParleyError | undefined;
  try {
    for await (const event of providers.providerFor(call.model).stream(request, call)) events.push(event);
  } catch (thrown) {
    error = thrown as ParleyError;
  }
  const text = events.map((event) => (event.type === 'delta' ? event.text : '')).join('');
  return { events, text, finish: events.find((event) => event.type === 'finish'), error };
}
