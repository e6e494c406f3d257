import { watchOtherWork } from './measure/machine-share.ts';
import type { Results } from './measure/results.ts';
import type { Step } from './plan.ts';
import type { Stage } from './stage.ts';

/** What became of a step. */
export interface Played {
  name: string;
  seconds: number;
  /** Cores that other programs used meanwhile, on average; null where that cannot be known. */
  otherCores: number | null;
  /** Why something of it, or all, was not measured. */
  failed?: string;
}

export interface Playing {
  stage: Stage;
  steps: readonly Step[];
  results: Results;
  /** Nothing begins that would not be over by then. */
  limitMs: number;
  tell(line: string): void;
  /** Called after every step, so that what was measured is kept whatever comes. */
  onPlayed(played: Played[]): Promise<void>;
}

/** A step that takes so many times what it should is given up. */
const PATIENCE = 2.5;
const PATIENCE_MIN_MS = 60_000;

/** One step after the other, the first one in any case; what cannot be measured is told and costs the others nothing. */
export async function playAll({ stage, steps, results, limitMs, tell, onPlayed }: Playing): Promise<Played[]> {
  const startedAt = performance.now();
  const untilMs = startedAt + limitMs;
  const played: Played[] = [];
  for (const [index, step] of steps.entries()) {
    const beganAt = performance.now();
    const others = watchOtherWork();
    const expectedMs = step.seconds * 1000;
    const failed =
      played.length > 0 && beganAt + expectedMs > untilMs
        ? 'left out, time is up'
        : await failureOf(step, () => {
            results.begin(0);
            return step.play(stage, results, untilMs - 1000 * secondsOf(steps.slice(index + 1)));
          });
    const seconds = (performance.now() - beganAt) / 1000;
    const otherCores = seconds > 1 ? others.take() : Number.NaN;
    played.push({
      name: step.name,
      seconds: Math.round(seconds * 10) / 10,
      otherCores: Number.isFinite(otherCores) ? Math.round(otherCores * 100) / 100 : null,
      ...(failed && { failed }),
    });
    tell(`${step.name}: ${failed ? `FAILED: ${failed}` : 'done'}, ${Math.round(seconds)} s`);
    await onPlayed(played);
  }
  return played;
}

function secondsOf(steps: readonly Step[]): number {
  return steps.reduce((sum, { seconds }) => sum + seconds, 0);
}

async function failureOf(step: Step, play: () => Promise<unknown>): Promise<string | undefined> {
  const patienceMs = Math.max(PATIENCE_MIN_MS, 1000 * (step.atMostSeconds ?? step.seconds * PATIENCE));
  const gaveUp = Promise.withResolvers<never>();
  const timer = setTimeout(() => gaveUp.reject(new Error('took too long')), patienceMs);
  try {
    await Promise.race([play(), gaveUp.promise]);
    return undefined;
  } catch (error) {
    return textOf(error);
  } finally {
    clearTimeout(timer);
  }
}

const MAX_TEXT = 1500;

function textOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(textOf).join('\n').slice(0, MAX_TEXT);
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `: ${textOf(error.cause)}`;
  return `${error.message}${cause}`.slice(0, MAX_TEXT);
}
