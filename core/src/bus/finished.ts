import type { ModelAttempt } from '../chat/types.ts';
import type { Message, Platform } from '../message/index.ts';
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
  /** Where the question stood; absent where it is not kept, and on the API. */
  anchor?: Anchor | undefined;
  /**
   * What answered: only `model`, `cache` and `human` turns are part of what the conversation remembers, and `reset` ends
   * that. `human`: a question that was left to a person who had taken the conversation over, or what that person said.
   */
  kind: 'model' | 'cache' | 'rule' | 'ignored' | 'command' | 'reset' | 'guard' | 'quota' | 'failure' | 'human';
  /** Unix ms. */
  receivedAt: number;
  finishedAt: number;
  timeline: TimelineEntry[];
}

/** What is needed to ask a question again, or to say something where it stood. Names a person: it is stored encrypted. */
export interface Anchor
  extends Pick<Message, 'id' | 'chat' | 'thread' | 'opensThread' | 'sender' | 'language' | 'state'> {
  /** Name of the command it was given with. */
  command?: string | undefined;
}

export function anchorOf({ id, chat, thread, opensThread, sender, language, state, command }: Message): Anchor {
  return { id, chat, thread, opensThread, sender, language, state, command: command?.name };
}

/** What live views hear of a finished turn: that there is one, and how it ended; never what was said. */
export function turnNotice(finished: FinishedTurn): string {
  const { turn, tenant, platform, channel, conversation, status, kind, finishedAt } = finished;
  return JSON.stringify({ turn, tenant, platform, channel, conversation, status, kind, timestamp: finishedAt });
}

/** One decision or event of a turn, told in order. */
export interface TimelineEntry {
  /** Milliseconds since the event was received. */
  atMs: number;
  what: string;
  detail?: Record<string, string | number | boolean | undefined> | undefined;
}
