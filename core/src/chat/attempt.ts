import { ParleyError, toParleyError } from '../errors/index.ts';
import type { ModelEvent, ModelRequest } from '../provider/types.ts';
import type { Target } from './fallback.ts';
import type { AnswerDeps, ModelAttempt } from './types.ts';

/** One call to one model, reported to `onAttempt` exactly once however it ends. */
export async function* runAttempt(
  { model, route }: Target,
  prompt: ModelRequest,
  signal: AbortSignal,
  { providerFor, onAttempt }: Pick<AnswerDeps, 'providerFor' | 'onAttempt'>,
): AsyncGenerator<ModelEvent> {
  const startedAt = performance.now();
  let firstTokenMs: number | undefined;
  // Stands when the reader leaves in the middle: then neither the end nor the catch is reached.
  let errorCode: ModelAttempt['errorCode'] = 'model_aborted';
  try {
    if (signal.aborted) throw new ParleyError('model_aborted', 'the request was aborted');
    const { baseUrl, apiKey } = route;
    for await (const event of providerFor(model).stream(prompt, { model, baseUrl, apiKey, signal })) {
      if (event.type === 'delta') firstTokenMs ??= performance.now() - startedAt;
      yield event;
    }
    errorCode = undefined;
  } catch (thrown) {
    errorCode = toParleyError(thrown).code;
    throw thrown;
  } finally {
    onAttempt?.({
      model: model.id,
      endpoint: route.name,
      keyIndex: route.keyIndex,
      status: errorCode === undefined ? 'success' : 'failed',
      errorCode,
      firstTokenMs,
      durationMs: performance.now() - startedAt,
    });
  }
}
