import type { Authenticate, TokenIssuer } from '@parley/core/auth';
import type { RedisClient } from '@parley/core/bus';
import type { Config } from '@parley/core/config';
import type { Question, QuestionEvent } from '@parley/core/pipeline';
import type { LimitState, QuotaSubject } from '@parley/core/quota';
import type { Metrics, Tracing } from '@parley/core/telemetry';

/** What the chat API is built on. */
export interface ChatApiDeps {
  ask: (question: Question) => AsyncGenerator<QuestionEvent>;
  limitsOf: (subject: QuotaSubject) => Promise<LimitState[]>;
  authenticate: Authenticate;
  tokens: TokenIssuer;
  /** The present configuration. */
  config: () => Config;
  /** Fails at once while it is away. */
  redis: RedisClient;
  /** A stable name for a person that is not their id. */
  pseudonym: (tenant: string, platform: string, id: string) => string;
  /** Notes that a key was used; not waited for. */
  touch: (tenant: string, keyId: string) => void;
  metrics: Pick<Metrics, 'apiSeconds'>;
  /** Absent: no traces. */
  tracing?: Tracing | undefined;
}
