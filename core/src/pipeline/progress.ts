import type { ModelAttempt } from '../chat/types.ts';
import type { ModelConfig } from '../config/index.ts';
import type { ParleyError } from '../errors/index.ts';
import type { InputFinding, OutputPiece } from '../guard/types.ts';
import type { Prices } from '../pricing/types.ts';
import type { Usage } from '../provider/types.ts';
import { addUsage } from '../provider/usage.ts';
import type { BudgetWarning, LimitState } from '../quota/types.ts';
import type { Decision, Question, QuestionEvent, QuestionResult } from './types.ts';

/** What is known of a question on its way; makes its result at whatever point it ends. */
export interface Progress {
  decided(what: string, detail?: Decision['detail']): void;
  /** @param dryRun the guard only counted */
  guarded(finding: InputFinding, dryRun: boolean): void;
  /** How the question reads with the conversation's placeholders. */
  masked(question: string): void;
  wrote(piece: Pick<OutputPiece, 'shown' | 'masked'>): void;
  attempted(attempt: ModelAttempt): void;
  set(facts: Pick<Partial<QuestionResult>, 'cache' | 'limit' | 'anomaly' | 'settled'>): void;
  warned(warnings: readonly BudgetWarning[]): void;
  begun(model: string): Extract<QuestionEvent, { type: 'begun' }>;
  /** What all attempts that have to be paid for come to. */
  bill(): { model: string | undefined; usage: Usage | undefined; costMicroUsd: number };
  end(how: Pick<QuestionResult, 'status' | 'by'> & Partial<QuestionResult>): QuestionResult;
  failed(error: ParleyError): QuestionResult;
}

export function createProgress(
  question: Question,
  { models, prices }: { models: ReadonlyMap<string, ModelConfig>; prices: Prices },
): Progress {
  const decisions: Decision[] = [];
  const attempts: ModelAttempt[] = [];
  const warnings: BudgetWarning[] = [];
  const masked = { question: question.text, answer: '' };
  let facts: { limit?: LimitState | undefined } & Partial<QuestionResult> = {};
  let text = '';

  function bill() {
    const paid = attempts.flatMap(({ model, usage }) => (usage ? [{ model, usage }] : []));
    const costMicroUsd = paid.reduce((sum, { model, usage }) => {
      const config = models.get(model);
      return sum + (config ? prices.costOf(config, usage) : 0);
    }, 0);
    const usage = paid.length === 0 ? undefined : paid.map((one) => one.usage).reduce(addUsage);
    return { model: paid.at(-1)?.model, usage, costMicroUsd };
  }

  const decided: Progress['decided'] = (what, detail) => void decisions.push({ what, detail, at: Date.now() });

  const end: Progress['end'] = (how) => ({
    text,
    masked,
    attempts,
    warnings,
    decisions,
    ...bill(),
    ...facts,
    ...how,
  });

  return {
    decided,
    guarded({ verdict, reason, text: safe, counts }, dryRun) {
      masked.question = safe;
      if (Object.keys(counts).length > 0 || reason)
        decided('guard', { verdict, reason, ...(dryRun && { dry_run: true }), ...counts });
    },
    masked(safe) {
      masked.question = safe;
    },
    wrote(piece) {
      text += piece.shown;
      masked.answer += piece.masked;
    },
    attempted: (attempt) => void attempts.push(attempt),
    set(more) {
      facts = { ...facts, ...more };
    },
    warned: (more) => void warnings.push(...more),
    begun: (model) => ({ type: 'begun', model, attempts: attempts.length + 1, cache: facts.cache, limit: facts.limit }),
    bill,
    end,
    failed: ({ code, retryAfterMs }) => end({ status: 'failed', by: 'failure', errorCode: code, retryAfterMs }),
  };
}
