import type { CacheLookup } from '../answer-cache/types.ts';
import { answer, estimatePromptTokens, modelChain } from '../chat/index.ts';
import type { AnswerRequest } from '../chat/types.ts';
import type { ModelConfig, TenantConfig } from '../config/index.ts';
import { toParleyError } from '../errors/index.ts';
import type { InputFinding, OutputGuard } from '../guard/types.ts';
import type { ChatMessage } from '../provider/types.ts';
import type { Progress } from './progress.ts';
import { openReservation, type Reservation } from './reservation.ts';
import { joinSignals } from './signals.ts';
import type { ToolCalls } from './tool-calls.ts';
import type { PipelineDeps, Question, QuestionEvent } from './types.ts';

export interface Answering {
  question: Question;
  deps: PipelineDeps;
  progress: Progress;
  /** Models to ask in order; at least one. */
  chain: readonly ModelConfig[];
  history: ChatMessage[];
  finding: InputFinding;
  output: OutputGuard;
  toolCalls: ToolCalls;
}

/** With what ends the waiting: the asker has gone, or another is to ask. */
type Waiting = Answering & { signal: AbortSignal };

/** Others wait so long for the one who asks the same at the same time, and then ask themselves. */
const SAME_QUESTION_WAIT_MS = 20_000;
/** A look-up that takes less has waited for nobody. */
const WORTH_TELLING_MS = 100;

/** Answers from the cache or a model, within what quota and budget allow. Every ending settles, once. */
export async function* answerQuestion(answering: Answering): AsyncGenerator<QuestionEvent> {
  const { question, progress, chain } = answering;
  const either = joinSignals(question.signal, question.handedBack);
  const waiting: Waiting = { ...answering, signal: either.signal };
  let lookup: CacheLookup | undefined;
  let reservation: Reservation | undefined;
  let ended: 'success' | 'failed' | 'aborted' = 'aborted';
  try {
    lookup = await lookUp(waiting);
    reservation = await reserve(answering, lookup?.status === 'hit');
    if (reservation.refused) {
      ended = 'failed';
      yield { type: 'done', result: reservation.refused };
      return;
    }
    const models = reservation.downgraded ?? chain;
    const result = yield* lookup?.status === 'hit'
      ? repeat(lookup, answering)
      : askModels({ ...waiting, chain: models }, reservation, lookup);
    ended = result.status === 'success' ? 'success' : 'failed';
    if (result.status === 'success') noteOutput(answering);
    const settled = reservation.settle(ended);
    if (question.settlesLater) progress.set({ settled });
    // First, so that what the answer came to (an anomaly) is part of its result.
    else progress.set({ anomaly: (await settled).anomaly });
    yield { type: 'done', result: progress.end(result) };
  } catch (thrown) {
    if (!question.signal.aborted) ended = 'failed';
    throw toParleyError(thrown);
  } finally {
    either.end();
    if (lookup?.status === 'miss') lookup.abandon();
    const settled = question.handedBack?.aborted ? undefined : reservation?.settle(ended);
    if (question.settlesLater) progress.set({ settled });
    else await settled;
  }
}

async function lookUp({
  question,
  deps,
  progress,
  chain,
  history,
  finding,
  signal,
}: Waiting): Promise<CacheLookup | undefined> {
  const { tenant, images, temperature, maxOutputTokens, extras, system } = question;
  if (!tenant.cache || history.length > 0 || finding.hasPersonalData || images?.length || extras?.tools)
    return undefined;
  const [model] = chain;
  if (!model) return undefined;
  const askedAt = performance.now();
  const span = question.span?.child('cache');
  const lookup = await deps.cache.lookup(
    {
      tenant: tenant.id,
      model: model.id,
      system: [tenant.system_prompt, system ?? ''].join('\n\n'),
      question: finding.text,
      temperature,
      maxOutputTokens,
      parameters: { ...extras },
    },
    { ttlMs: tenant.cache.ttl_seconds * 1000, waitMs: SAME_QUESTION_WAIT_MS, signal },
  );
  span?.set({
    'parley.cache': lookup.status,
    'parley.cache.level': lookup.status === 'hit' ? lookup.level : undefined,
  });
  span?.end();
  progress.set({ cache: lookup.status });
  // Somebody else's question was being answered meanwhile: that is the model's time, not the hub's.
  const waitedMs = Math.round(performance.now() - askedAt);
  const waited = waitedMs >= WORTH_TELLING_MS ? { waitedMs } : {};
  progress.decided('cache', { hit: lookup.status === 'hit' ? lookup.level : false, ...waited });
  return lookup;
}

async function reserve({ question, deps, progress, chain, history, finding }: Answering, isHit: boolean) {
  const { tenant, system, images, extras } = question;
  const cheaper = tenant.budget?.on_exceeded === 'downgrade' ? tenant.budget.downgrade_to : undefined;
  // The tokenizer takes its time and memory: only where something is counted in tokens or money.
  const exact = countsTokens(tenant) || chain.some((model) => deps.prices.ratesOf(model, 0) !== undefined);
  const parts = { tenant, system, history, question: finding.text, images, extras };
  const inputTokens = isHit ? 0 : await estimatePromptTokens(parts, exact);
  return openReservation({
    question,
    deps,
    progress,
    chain,
    inputTokens,
    isHit,
    downgradeTo: cheaper === undefined ? [] : modelChain({ tenant, downgradeTo: cheaper }, deps.models),
  });
}

function countsTokens({ limits, user_limits, model_limits, platform_limits, group_limits }: TenantConfig): boolean {
  const all = { limits, user_limits, group_limits, ...model_limits, ...platform_limits };
  return Object.values(all).some((windows) => Object.keys(windows ?? {}).some((name) => name.startsWith('tokens_')));
}

type End = Parameters<Progress['end']>[0];

/** An answer that was given before. It passes the guard again: its words may have been forbidden since. */
async function* repeat(
  { answer: known }: Extract<CacheLookup, { status: 'hit' }>,
  { output, progress }: Answering,
): AsyncGenerator<QuestionEvent, End> {
  const { model, usage, finishReason } = known;
  yield progress.begun(model);
  const pieces = [output.push(known.text), output.end()];
  for (const piece of pieces) {
    if (piece.refused) return blocked(progress);
    progress.wrote(piece);
    if (piece.shown !== '') yield { type: 'delta', text: piece.shown };
  }
  return { status: 'success', by: 'cache', model, usage, costMicroUsd: 0, finishReason };
}

async function* askModels(
  { question, deps, progress, chain, history, finding, output, toolCalls, signal }: Waiting,
  { maxOutputTokens }: Reservation,
  lookup: CacheLookup | undefined,
): AsyncGenerator<QuestionEvent, End> {
  const request: AnswerRequest = {
    requestId: question.requestId,
    tenant: question.tenant,
    history,
    question: finding.text,
    images: question.images,
    system: question.system,
    chain,
    affinity: question.conversation,
    extras: question.extras,
    temperature: question.temperature,
    gatherMs: question.gatherMs,
    maxOutputTokens,
    deadlineAt: question.deadlineAt,
    span: question.span,
    signal,
  };
  const onAttempt: typeof deps.answerDeps.onAttempt = (attempt) => {
    progress.attempted(attempt);
    deps.answerDeps.onAttempt?.(attempt, question.span);
  };
  let begun: string | undefined;
  let told = false;
  const onBegin = (model: string) => {
    begun = model;
  };
  for await (const event of answer(request, { ...deps.answerDeps, onAttempt, onBegin })) {
    if (!told && begun !== undefined) {
      told = true;
      yield progress.begun(begun);
    }
    if (event.type === 'tool_call') {
      const passed = toolCalls.push(event);
      if (!passed) return blocked(progress);
      yield passed;
      continue;
    }
    const piece = event.type === 'delta' ? output.push(event.text) : output.end();
    progress.wrote(piece);
    if (piece.shown !== '') yield { type: 'delta', text: piece.shown };
    if (piece.refused) return blocked(progress);
    if (event.type === 'delta') continue;
    const calls = toolCalls.end();
    if (!calls) return blocked(progress);
    yield* calls;
    const { text, model, usage, finishReason } = event;
    if (lookup?.status === 'miss' && finishReason !== 'tool_calls' && Object.keys(output.counts).length === 0) {
      // Not waited for: it goes out with the settlement, in one round trip.
      void lookup.put({ text, model, usage, finishReason });
    }
    const called = toolCalls.all.length > 0 ? { toolCalls: toolCalls.all } : {};
    return { status: 'success', by: 'model', model, usage, finishReason, ...called };
  }
  throw toParleyError(new Error('the answer ended without its last event'));
}

/** What the guard met in an answer that was let through: words it replaced, or would have acted on. */
function noteOutput({ question, deps, progress, output, toolCalls }: Answering): void {
  const counts = { ...toolCalls.counts, ...output.counts };
  if (Object.keys(counts).length === 0) return;
  const { dryRun } = deps.guardOf(question.tenant.id);
  progress.decided('guard', {
    verdict: 'pass',
    on: 'output',
    ...(dryRun && { dry_run: true }),
    ...counts,
  });
}

function blocked(progress: Progress): End {
  progress.decided('guard', { verdict: 'refused', reason: 'keyword', on: 'output' });
  return { status: 'denied', by: 'guard', errorCode: 'blocked', refusedBecause: 'keyword' };
}
