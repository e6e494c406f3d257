import type { ModelAttempt } from '../chat/types.ts';
import type { Platform } from '../message/index.ts';
import type { Usage } from '../provider/types.ts';

/** A finished turn as it travels from the worker through the archive stream into the database. JSON, no secrets. */
export interface FinishedTurn {
  turn: string;
  tenant: string;
  channel: string;
  platform: Platform | 'api';
  conversation: string;
  chatKind: 'direct' | 'group';
  /** Pseudonym of the asker. */
  user: string;
  status: 'success' | 'denied' | 'failed';
  errorCode?: string | undefined;
  model?: string | undefined;
  usage?: Usage | undefined;
  costMicroUsd: number;
  attempts: ModelAttempt[];
  /** Masked; absent where the tenant keeps no transcripts. */
  question?: string | undefined;
  answer?: string | undefined;
  /**
   * What answered: only `model` and `cache` turns are part of what the conversation remembers, and `reset` ends that.
   */
  kind: 'model' | 'cache' | 'rule' | 'ignored' | 'command' | 'reset' | 'guard' | 'quota' | 'failure';
  /** Unix ms. */
  receivedAt: number;
  finishedAt: number;
  timeline: TimelineEntry[];
}

/** One decision or event of a turn, told in order. */
export interface TimelineEntry {
  /** Milliseconds since the event was received. */
  atMs: number;
  what: string;
  detail?: Record<string, string | number | boolean | undefined> | undefined;
}
