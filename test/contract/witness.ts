import { inspect } from 'node:util';
import { ParleyError } from '@parley/core/errors';
import { createLogger } from '@parley/core/telemetry';
import { expect } from 'vitest';

/** Stands in every text that a test sends or has answered, so that it can be told where it must not show up. */
export const PRIVATE = 'xyzzy';

/** Sees every log line and every error of an adapter, and tells when something in them is nobody's business. */
export interface Witness {
  logger: ReturnType<typeof createLogger>;
  /** The `ParleyError` that `work` rejects with; fails when it does not reject, or with anything else. */
  refusal(work: Promise<unknown>): Promise<ParleyError>;
  /** Fails when a credential or a private text was logged or thrown so far. */
  expectDiscretion(): void;
}

/** @param secrets what must not be seen besides `PRIVATE` */
export function createWitness(secrets: readonly string[]): Witness {
  const seen: string[] = [];
  const logger = createLogger('trace', { write: (line) => void seen.push(line) });
  return {
    // Without the hub's redaction by key names: that is a last line of defence, and the adapter has to do without it.
    logger: logger.child({}, { redact: ['-'], formatters: { log: (fields) => fields } }),
    async refusal(work) {
      const thrown = await work.then(
        (value) => expect.fail(`it should have been refused, but gave ${inspect(value)}`),
        (error: unknown) => error,
      );
      // As the hub would log it: message, stack and fields, and those of its causes.
      logger.error({ err: thrown });
      expect(thrown).toBeInstanceOf(ParleyError);
      return thrown as ParleyError;
    },
    expectDiscretion() {
      for (const text of seen) for (const secret of [...secrets, PRIVATE]) expect(text).not.toContain(secret);
    },
  };
}
