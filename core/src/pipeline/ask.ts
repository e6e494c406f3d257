import { modelChain } from '../chat/index.ts';
import { ParleyError, toParleyError } from '../errors/index.ts';
import { createVault, type InputFinding, type MaskVault } from '../guard/index.ts';
import type { ChatMessage } from '../provider/types.ts';
import { renderReply } from '../rules/index.ts';
import { answerQuestion } from './answer.ts';
import { createProgress, type Progress } from './progress.ts';
import { createToolCalls, maskMessage } from './tool-calls.ts';
import type { PipelineDeps, Question, QuestionEvent, QuestionResult } from './types.ts';

/**
 * Takes a question through guard, rules, cache, quota and models, and yields its answer as it comes; the last event is
 * `done`. What goes wrong is a result, not an exception: it throws only when `question.handedBack` aborted.
 *
 * A reader that leaves early cancels the request to the model; what had come until then is charged.
 */
export async function* ask(question: Question, deps: PipelineDeps): AsyncGenerator<QuestionEvent> {
  const progress = createProgress(question, deps);
  try {
    const seen = inspect(question, deps, createVault());
    progress.guarded(seen.finding, deps.guardOf(question.tenant.id).dryRun);
    const early = refusedByGuard(seen.finding, progress) ?? answeredByRule(question, deps, progress);
    if (early?.result) yield { type: 'done', result: early.result };
    else yield* askChain(question, deps, progress, { ...seen, routed: early?.model });
  } catch (thrown) {
    if (question.handedBack?.aborted) throw thrown;
    yield { type: 'done', result: progress.failed(toParleyError(thrown)) };
  }
}

interface Early {
  result?: QuestionResult;
  model?: string;
}

interface Inspected {
  vault: MaskVault;
  finding: InputFinding;
}

function inspect({ tenant, text }: Question, { guardOf }: PipelineDeps, vault: MaskVault): Inspected {
  return { vault, finding: guardOf(tenant.id).inspectInput(text, vault) };
}

const PLACEHOLDER = /\[[A-Z][A-Z0-9_]*_\d+\]/;

/**
 * The conversation's own placeholders are fetched only where something that the model will read has one: without that it
 * cannot use an earlier one, and numbers may begin anew. That is a round trip less for nearly every question.
 */
async function withEarlierPlaceholders(
  question: Question,
  deps: PipelineDeps,
  seen: Inspected,
  history: readonly ChatMessage[],
): Promise<Inspected> {
  const { tenant, conversation, messages = [], system = '', text } = question;
  const texts = [text, system, ...[...history, ...messages].flatMap(textsOf)];
  if (deps.guardOf(tenant.id).isIdle || !texts.some((one) => PLACEHOLDER.test(one))) return seen;
  return inspect(question, deps, await deps.vaults.load(tenant.id, conversation));
}

const textsOf = ({ content, toolCalls = [] }: ChatMessage) => [content, ...toolCalls.map((call) => call.arguments)];

function refusedByGuard({ verdict, reason }: InputFinding, progress: Progress): Early | undefined {
  if (verdict !== 'refused') return undefined;
  return { result: blocked(progress, reason ?? 'keyword') };
}

function blocked(progress: Progress, refusedBecause: NonNullable<InputFinding['reason']>): QuestionResult {
  return progress.end({ status: 'denied', by: 'guard', errorCode: 'blocked', refusedBecause });
}

function answeredByRule(
  { tenant, text, platform, senderName, withRules }: Question,
  { rules }: PipelineDeps,
  progress: Progress,
): Early | undefined {
  const rule = withRules ? rules.match(tenant.id, text) : undefined;
  if (!rule) return undefined;
  const { action, index } = rule;
  progress.decided('rule', { index, action: action.kind });
  if (action.kind === 'model') return { model: action.model };
  if (action.kind === 'ignore') return { result: progress.end({ status: 'success', by: 'ignored' }) };
  const reply = renderReply(action.text, { name: senderName, platform });
  progress.wrote({ shown: reply, masked: reply });
  return { result: progress.end({ status: 'success', by: 'rule' }) };
}

async function* askChain(
  question: Question,
  deps: PipelineDeps,
  progress: Progress,
  { routed, ...seen }: Inspected & { routed: string | undefined },
): AsyncGenerator<QuestionEvent> {
  const { tenant, conversation } = question;
  const said = await question.history();
  const { vault, finding } = await withEarlierPlaceholders(question, deps, seen, said);
  progress.masked(finding.text);
  const guard = deps.guardOf(tenant.id);
  let isForbidden = false;
  const safe = (text: string) => {
    const found = guard.inspectMessage(text, vault);
    isForbidden ||= found.verdict === 'refused';
    return found.text;
  };
  const sent = (question.messages ?? []).map((message) => maskMessage(message, safe));
  if (isForbidden) {
    progress.decided('guard', { verdict: 'refused', reason: 'keyword', on: 'messages' });
    yield { type: 'done', result: blocked(progress, 'keyword') };
    return;
  }
  const history = [...said, ...sent];
  const chain = modelChain(
    {
      tenant,
      routedModel: routed,
      preferredModel: question.preferredModel,
      onlyModel: question.onlyModel,
      question: finding.text,
      hasHistory: history.length > 0,
    },
    deps.models,
  );
  if (chain.length === 0) {
    throw new ParleyError('no_model_available', `tenant ${tenant.id} has no model that is configured`);
  }
  const ttlMs = tenant.session.ttl_seconds * 1000;
  const keepVault = () => deps.vaults.save(tenant.id, conversation, vault, ttlMs);
  const output = guard.openOutput(vault);
  const toolCalls = createToolCalls(() => guard.openArguments(vault));
  // An instruction may well name what is not to be spoken of.
  const system = question.system && guard.maskForRest(question.system, vault);
  // Before anything is sent: a placeholder that nobody remembers could never be restored.
  if (vault.changed) await keepVault();
  yield* answerQuestion({
    question: { ...question, system },
    deps,
    progress,
    chain,
    history,
    finding,
    output,
    toolCalls,
  });
  if (Object.keys(output.counts).length > 0 && vault.changed) {
    await keepVault().catch((error: Error) => deps.answerDeps.logger.warn({ err: error }, 'placeholders not kept'));
  }
}
