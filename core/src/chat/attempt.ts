import type { ModelConfig } from '../config/index.ts';
import { ParleyError, toParleyError } from '../errors/index.ts';
import type { RouteLease } from '../pool/types.ts';
import type { FinishReason, ModelEvent, ModelRequest, Usage } from '../provider/types.ts';
import { estimateUsage } from '../provider/usage.ts';
import type { Span } from '../telemetry/tracing.ts';
import { beginAttemptSpan, endAttemptSpan } from './attempt-span.ts';
import type { AnswerDeps, ModelAttempt } from './types.ts';

/**
 * One call to one model. However it ends, the place is given back and the attempt reported, exactly once: with the usage
 * as reported after a success, and an estimate where text had come before it broke off or the reader left.
 */
export async function* runAttempt(
  model: ModelConfig,
  lease: RouteLease,
  prompt: ModelRequest,
  signal: AbortSignal,
  { providerFor, onAttempt, span: parent }: Pick<AnswerDeps, 'providerFor' | 'onAttempt'> & { span?: Span | undefined },
): AsyncGenerator<ModelEvent> {
  const { route } = lease;
  const startedAt = performance.now();
  const begunAt = Date.now();
  let firstTokenMs: number | undefined;
  let usage: Usage | undefined;
  let finish: FinishReason | undefined;
  let received = '';
  let error: ParleyError | undefined;
  let ended = false;
  let asked = false;
  const span = parent && beginAttemptSpan(parent, model, route, prompt);
  try {
    if (signal.aborted) throw new ParleyError('model_aborted', 'the request was aborted');
    const { baseUrl, apiKey } = route;
    asked = true;
    for await (const event of providerFor(model).stream(prompt, { model, baseUrl, apiKey, signal })) {
      if (event.type === 'finish') {
        usage = event.usage;
        finish = event.reason;
      } else {
        firstTokenMs ??= performance.now() - startedAt;
        received += event.type === 'delta' ? event.text : event.arguments;
      }
      yield event;
    }
    ended = true;
  } catch (thrown) {
    error = toParleyError(thrown);
    throw error;
  } finally {
    // The reader left in the middle: neither the end nor the catch was reached.
    if (!ended) error ??= new ParleyError('model_aborted', 'the reader left');
    const durationMs = performance.now() - startedAt;
    lease.done(error ? { status: 'failed', error } : { status: 'success', firstTokenMs: firstTokenMs ?? durationMs });
    const isCharged = error !== undefined && (received !== '' || (asked && error.code === 'model_aborted'));
    if (isCharged) usage = await estimateUsage(prompt, received);
    if (span) endAttemptSpan(span, { error, usage, firstTokenMs, finish });
    onAttempt?.({
      model: model.id,
      endpoint: route.name,
      keyIndex: route.keyIndex,
      keyFingerprint: route.keyFingerprint,
      status: error ? 'failed' : 'success',
      errorCode: error?.code,
      startedAt: begunAt,
      firstTokenMs,
      durationMs,
      usage,
    } satisfies ModelAttempt);
  }
}
