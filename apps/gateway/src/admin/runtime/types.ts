import type { ChannelSet } from '@parley/adapter-registry';
import type { Audit } from '@parley/core/audit';
import type { DeadLetters, Publisher, QueueView, RedisClient, TakeOvers, WakeQueue } from '@parley/core/bus';
import type { Config, TenantConfig } from '@parley/core/config';
import type { InBoth } from '@parley/core/explain';
import type { Question, QuestionEvent } from '@parley/core/pipeline';
import type { RouteHealth } from '@parley/core/pool';
import type { LimitState, QuotaSubject } from '@parley/core/quota';
import type { Sealer } from '@parley/core/secrets';
import type { BackupState, Store } from '@parley/core/store';
import type { LiveEvents } from './live.ts';

/** What the endpoints of the running hub are built on. */
export interface RuntimeDeps {
  store: Store;
  sealer: Sealer;
  /** Fails at once while it is away. */
  redis: RedisClient;
  queue: WakeQueue;
  publisher: Publisher;
  /** Waiting messages one conversation may have. */
  maxMailbox: number;
  /** The present configuration. */
  config: () => Config;
  channels: Pick<ChannelSet, 'get'>;
  /** The chat core; what is asked of it is recorded. */
  ask: (question: Question) => AsyncGenerator<QuestionEvent>;
  limitsOf: (subject: QuotaSubject) => Promise<LimitState[]>;
  /** A text with personal data replaced, as transcripts have it. */
  mask: (tenant: TenantConfig, conversation: string, text: string) => Promise<string>;
  /** A stable name for a person that is not their id. */
  pseudonym: (tenant: string, platform: string, id: string) => string;
  live: LiveEvents;
  /** How the ways to the models are, as this process knows it. */
  health?: (() => RouteHealth[]) | undefined;
  /** What else needs attention in these tenants: channels that hear nothing, a configuration file that was refused. */
  attention?: ((tenants: readonly string[]) => Promise<Attention[]>) | undefined;
  /** When the database was last saved. */
  backups?: (() => BackupState) | undefined;
  about: About;
  /** How often it is looked at who watches live events; default 5 s. */
  renewMs?: number | undefined;
  now?: (() => number) | undefined;
}

/** With what is made of it once for all endpoints. */
export interface RuntimeParts extends RuntimeDeps {
  audit: Audit;
  deadLetters: DeadLetters;
  takeOvers: TakeOvers;
  view: QueueView;
}

export interface About {
  version: string;
  role: string;
  /** Unix ms. */
  startedAt: number;
}

/** Something an operator should look at. */
export interface Attention {
  kind: string;
  severity: 'warning' | 'error';
  /** Null: it concerns the hub. */
  tenant: string | null;
  /** What it is about: a channel, a model, a number. */
  subject: string;
  message: InBoth;
  /** A page of the console. */
  link: string | null;
}
