import { setTimeout as sleep } from 'node:timers/promises';
import { ParleyError, toParleyError } from '../errors/index.ts';
import type { Route, RouteLease } from '../pool/types.ts';
import type { FinishReason, ToolCall, Usage } from '../provider/types.ts';
import { addUsage } from '../provider/usage.ts';
import { runAttempt } from './attempt.ts';
import { createPlan, mostTelling, type Target } from './fallback.ts';
import { createJoint } from './overlap.ts';
import { buildPrompt } from './prompt.ts';
import type { AnswerDeps, AnswerEvent, AnswerRequest, ModelAttempt } from './types.ts';

/** Times all ways are gone through again, after a pause, when none of them worked for reasons that pass. */
const MAX_ROUNDS = 3;
const PAUSE_MIN_MS = 400;
/** Longer than this nobody waits for a throttled key: another model, or the honest truth, is better. */
const PAUSE_MAX_MS = 8_000;
/** Times an answer that broke off is gone on with by another model. */
const MAX_RECOVERIES = 2;
const PASSING = new Set(['model_rate_limited', 'model_overloaded', 'model_timeout', 'model_bad_response']);

/**
 * Answers a question with the models of `request.chain`: streams `delta`s and ends with exactly one `done`.
 *
 * The next key, endpoint or model is tried as long as nothing has been shown, with pauses and within the deadline. An
 * answer that breaks off after that is gone on with by the next one, from what is shown; where that fails too, or a tool
 * call had begun, the error is thrown on. Throws the most telling `model_*` error of the attempts. A reader that leaves
 * ends the request to the model. Error text is never part of an answer.
 */
export async function* answer(request: AnswerRequest, deps: AnswerDeps): AsyncGenerator<AnswerEvent> {
  const { chain, tenant, history } = request;
  if (chain.length === 0)
    throw new ParleyError('no_model_available', `tenant ${tenant.id} has no model that is configured`);
  const progress = createProgress(request, deps);
  const options = { canShorten: history.length > 0, fallbackWhenFiltered: tenant.fallback_when_filtered };
  for (let round = 1; ; round++) {
    const plan = createPlan(chain, options);
    for (let target = plan.first(); target !== undefined; ) {
      const route = yield* tryTarget(target, progress);
      if (progress.done) {
        yield progress.done;
        return;
      }
      target = progress.mayGoOn() ? plan.after(progress.lastCode(), route) : undefined;
    }
    const error = mostTelling(progress.failures);
    const pauseMs = progress.pauseBefore(round, error);
    if (pauseMs === undefined) throw error;
    await sleep(pauseMs, undefined, { signal: request.signal }).catch(() => undefined);
  }
}

interface Progress {
  request: AnswerRequest;
  deps: AnswerDeps;
  text: string;
  /** The model that writes. */
  begun: string | undefined;
  toolCalls: ToolCall[];
  failures: ParleyError[];
  attempts: ModelAttempt[];
  done: Extract<AnswerEvent, { type: 'done' }> | undefined;
  recoveries: number;
  lastCode(): ParleyError['code'];
  /** Whether another attempt makes sense after a failure. */
  mayGoOn(): boolean;
  pauseBefore(round: number, error: ParleyError): number | undefined;
}

function createProgress(request: AnswerRequest, deps: AnswerDeps): Progress {
  const { deadlineAt, signal } = request;
  const progress: Progress = {
    request,
    deps,
    text: '',
    begun: undefined,
    toolCalls: [],
    failures: [],
    attempts: [],
    done: undefined,
    recoveries: 0,
    lastCode: () => progress.failures.at(-1)?.code ?? 'internal',
    mayGoOn() {
      if (signal.aborted || Date.now() > deadlineAt || progress.toolCalls.length > 0) return false;
      // What is shown can be gone on with after a broken stream, not after a refusal of what it says.
      return progress.text === '' || (PASSING.has(progress.lastCode()) && progress.recoveries++ < MAX_RECOVERIES);
    },
    pauseBefore(round, error) {
      const isOver = signal.aborted || round >= MAX_ROUNDS || progress.text !== '' || progress.toolCalls.length > 0;
      // A key that others have seen refused rests for a moment: whoever has not tried it waits for that.
      const isUntried = progress.attempts.length === 0 && error.retryAfterMs !== undefined;
      if (isOver || !(PASSING.has(error.code) || isUntried)) return undefined;
      const asked = error.retryAfterMs ?? 0;
      const pauseMs = Math.max(asked, PAUSE_MIN_MS * 2 ** round * (0.5 + Math.random() / 2));
      return pauseMs <= PAUSE_MAX_MS && Date.now() + pauseMs < deadlineAt ? pauseMs : undefined;
    },
  };
  return progress;
}

/** One attempt, or the finding that there is no way to this model; resolves with the route it went, if any. */
async function* tryTarget(target: Target, progress: Progress): AsyncGenerator<AnswerEvent, Route | undefined> {
  const { request, deps } = progress;
  let lease: RouteLease | undefined;
  try {
    lease = await openWay(target, request, deps);
    const prompt = await buildPrompt(request, target.model, target.halfHistory, progress.text).catch((error) => {
      lease?.done({ status: 'failed', error: toParleyError(error) });
      throw error;
    });
    yield* streamAttempt(target, lease, prompt, progress);
  } catch (thrown) {
    const error = toParleyError(thrown);
    deps.logger.warn(
      {
        request_id: request.requestId,
        trace_id: request.span?.traceId,
        tenant: request.tenant.id,
        model: target.model.id,
        endpoint: lease?.route.name,
        key: lease?.route.keyFingerprint,
        error_code: error.code,
        attempt: progress.attempts.length,
      },
      `model attempt failed: ${error.message}`,
    );
    progress.failures.push(error);
  }
  return lease?.route;
}

async function openWay(target: Target, request: AnswerRequest, { pool }: AnswerDeps): Promise<RouteLease> {
  if (request.signal.aborted) throw new ParleyError('model_aborted', 'the request was aborted');
  const { model, tried, badEndpoints } = target;
  const { tenant, affinity, signal, deadlineAt } = request;
  const picked = await pool.pick(model, {
    tenant: tenant.id,
    regions: tenant.regions,
    affinity,
    tried,
    badEndpoints,
    signal,
    deadlineAt,
  });
  if (picked.status === 'route') return picked.lease;
  const { code, retryAfterMs } = picked;
  throw new ParleyError(code, `model ${model.id} has no way left`, { retryAfterMs });
}

async function* streamAttempt(
  { model }: Target,
  lease: RouteLease,
  prompt: Awaited<ReturnType<typeof buildPrompt>>,
  progress: Progress,
): AsyncGenerator<AnswerEvent> {
  const { request, deps } = progress;
  const joint = createJoint(progress.text);
  const onAttempt = (attempt: ModelAttempt) => {
    progress.attempts.push(attempt);
    deps.onAttempt?.(attempt);
  };
  let finish: FinishReason | undefined;
  const show = (text: string): AnswerEvent[] => {
    progress.text += text;
    return text === '' ? [] : [{ type: 'delta', text }];
  };
  const { signal, span } = request;
  for await (const event of runAttempt(model, lease, prompt, signal, { ...deps, onAttempt, span })) {
    if (finish === undefined && progress.begun !== model.id) {
      progress.begun = model.id;
      deps.onBegin?.(model.id);
    }
    if (event.type === 'finish') finish = event.reason;
    else if (event.type === 'delta') yield* show(joint.push(event.text));
    else {
      gather(progress.toolCalls, event);
      yield event;
    }
  }
  if (finish === undefined) throw new ParleyError('model_bad_response', 'the provider ended without a finish');
  yield* show(joint.end());
  const { text, attempts, toolCalls } = progress;
  progress.done = {
    type: 'done',
    text,
    model: model.id,
    usage: paidFor(attempts),
    attempts: attempts.length,
    finishReason: finish,
    ...(toolCalls.length > 0 ? { toolCalls } : {}),
  };
}

function gather(calls: ToolCall[], piece: Extract<AnswerEvent, { type: 'tool_call' }>): void {
  const call = calls[piece.index] ?? { id: '', name: '', arguments: '' };
  calls[piece.index] = {
    id: piece.id ?? call.id,
    name: piece.name ?? call.name,
    arguments: call.arguments + piece.arguments,
  };
}

function paidFor(attempts: readonly ModelAttempt[]): Usage {
  const none: Usage = { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0, estimated: false };
  return attempts.flatMap(({ usage }) => usage ?? []).reduce(addUsage, none);
}
