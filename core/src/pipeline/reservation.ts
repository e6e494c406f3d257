import type { ModelConfig } from '../config/index.ts';
import type { ErrorCode } from '../errors/index.ts';
import type { ReserveResult, Settlement } from '../quota/types.ts';
import type { Progress } from './progress.ts';
import type { PipelineDeps, Question, QuestionResult, Settled } from './types.ts';

/** What quota and budget allow a question, until it is settled. */
export interface Reservation {
  maxOutputTokens: number;
  /** The cheap model to ask instead, because the budget does not allow for the others any more. */
  downgraded?: readonly ModelConfig[] | undefined;
  refused?: QuestionResult | undefined;
  /** Charges what it came to; only the first call counts. Never rejects: what nobody settles is charged when it expires. */
  settle(status: Settlement['status']): Promise<Settled>;
}

export interface ReservationInput {
  question: Question;
  deps: PipelineDeps;
  progress: Progress;
  chain: readonly ModelConfig[];
  inputTokens: number;
  /** Answered from the cache: it counts as a request, and costs nothing. */
  isHit: boolean;
  /** Where to go when the budget does not suffice for `chain`; empty: nowhere. */
  downgradeTo: readonly ModelConfig[];
}

/** Longer than the turn's own deadline: a hold that ends while its answer is being written would charge it twice. */
const HOLD_AFTER_DEADLINE_MS = 10 * 60_000;

const NOTHING: Settled = { warnings: [] };

const CODES = { rate: 'rate_limited', quota: 'quota_exceeded', budget: 'budget_exceeded' } satisfies Record<
  string,
  ErrorCode
>;

/** Reserves before anything is spent. Rejects with `unavailable` while Redis is away: budgets fail closed. */
export async function openReservation(input: ReservationInput): Promise<Reservation> {
  const { progress, chain, downgradeTo } = input;
  let result = await reserveFor(chain, input);
  let downgraded: readonly ModelConfig[] | undefined;
  if (result.status === 'refused' && result.reason === 'budget' && downgradeTo.length > 0) {
    progress.warned(result.warnings);
    result = await reserveFor(downgradeTo, input);
    downgraded = downgradeTo;
    if (result.status === 'admitted') progress.decided('downgraded', { model: downgradeTo[0]?.id });
  }
  if (result.status === 'refused') {
    progress.warned(result.warnings);
    return { maxOutputTokens: 0, refused: refusal(result, progress), settle: async () => NOTHING };
  }
  progress.set({ limit: result.tightest });
  progress.decided('quota', { admitted: true, repeated: result.repeated || undefined });
  return { maxOutputTokens: result.maxOutputTokens, downgraded, settle: createSettle(input) };
}

function reserveFor(chain: readonly ModelConfig[], { question, deps, inputTokens, isHit }: ReservationInput) {
  const { requestId, tenant, platform, user, group, apiKey, deadlineAt } = question;
  const rates = isHit ? [] : chain.flatMap((model) => deps.prices.ratesOf(model, inputTokens) ?? []);
  const allowed = Math.max(...chain.map((model) => model.max_output_tokens));
  return deps.quota.reserve({
    requestId,
    subject: { tenant, platform, user, group, apiKey },
    model: chain[0]?.id ?? '',
    inputTokens,
    maxOutputTokens: isHit ? 0 : Math.min(question.maxOutputTokens ?? allowed, allowed),
    inputPrice: Math.max(0, ...rates.map(({ input, cacheWrite }) => Math.max(input, cacheWrite))),
    outputPrice: Math.max(0, ...rates.map(({ output }) => output)),
    holdMs: Math.max(0, deadlineAt - Date.now()) + HOLD_AFTER_DEADLINE_MS,
  });
}

function refusal(
  { reason, limit, retryAfterMs }: Extract<ReserveResult, { status: 'refused' }>,
  progress: Progress,
): QuestionResult {
  const { level, window, unit } = limit;
  progress.decided('quota', { admitted: false, reason, level, window, unit });
  return progress.end({
    status: 'denied',
    by: 'quota',
    errorCode: CODES[reason],
    refusedBecause: reason,
    retryAfterMs,
    limit,
  });
}

function createSettle({ question, deps, progress, isHit }: ReservationInput): Reservation['settle'] {
  let settling: Promise<Settled> | undefined;
  const settle = async (status: Settlement['status']): Promise<Settled> => {
    const { requestId, tenant } = question;
    try {
      const bill = progress.bill();
      const { anomaly, warnings } = await deps.quota.settle({
        requestId,
        tenant: tenant.id,
        status,
        ...bill,
        cached: isHit,
      });
      if (!question.settlesLater) progress.warned(warnings);
      return { anomaly, warnings };
    } catch (error) {
      deps.answerDeps.logger.error(
        { request_id: requestId, tenant: tenant.id, err: error },
        'a reservation was not settled',
      );
      return NOTHING;
    }
  };
  return (status) => {
    settling ??= settle(status);
    return settling;
  };
}
