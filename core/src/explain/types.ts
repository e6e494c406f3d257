import type { Language } from '../message/index.ts';

/** The same words in every language of the hub. */
export type InBoth = Readonly<Record<Language, string>>;

/** What is known of a finished turn, from its row in the database or from the archive. */
export interface TurnFacts {
  kind: string;
  status: string;
  errorCode: string | null;
  model: string | null;
  responseMs: number;
  timeline: readonly unknown[];
}
