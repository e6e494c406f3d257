import type { FinishedTurn } from '@parley/core/bus';
import type { ModelAttempt } from '@parley/core/chat';
import type { QuestionResult } from '@parley/core/pipeline';
import type { Usage } from '@parley/core/provider';

/**
 * What a turn comes to: decided once, stored in the turn's record before the first attempt to send it, and never
 * decided again. Plain JSON.
 */
export interface Outcome {
  status: 'success' | 'denied' | 'failed';
  /** Markdown to send. */
  text: string;
  errorCode?: string | undefined;
  /** Whether the turn was given up because it killed its workers: it can be sent on its way again. */
  givenUp?: boolean | undefined;
  /** Model to use from now on; null: back to the default. */
  pickModel?: string | null | undefined;
  model?: string | undefined;
  usage?: Usage | undefined;
  costMicroUsd?: number | undefined;
  attempts: ModelAttempt[];
  cache?: QuestionResult['cache'];
  /** Question and answer as they are kept; absent: nothing in them was masked. */
  masked?: QuestionResult['masked'] | undefined;
  decisions?: QuestionResult['decisions'] | undefined;
  /** What decided it. */
  by: FinishedTurn['kind'];
}
