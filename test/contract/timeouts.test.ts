import { describe, expect, test } from 'vitest';
import { newSend } from './bench.ts';
import { DESCRIPTORS } from './platforms/index.ts';
import { onSilentPlatform } from './silent.ts';
import { PRIVATE } from './witness.ts';

/**
 * A call that gets no answer ends by itself. That takes as long as the adapter waits, so all platforms wait at the same
 * time and beside the other tests; the runner's own limit is what a call without an end would meet.
 */
describe.concurrent('a platform that never answers', () => {
  test.each(Object.values(DESCRIPTORS))(
    '$platform: a send gives up, and nobody can tell what became of it',
    async (descriptor) => {
      const { adapter, witness, target } = await onSilentPlatform(descriptor);
      const [part] = adapter.formatReply(`an answer ${PRIVATE}`);
      if (!part) return expect.fail('nothing to send');
      const error = await witness.refusal(adapter.postMessage(target, part, newSend()));
      expect(error).toMatchObject({ code: 'platform_unavailable', outcomeUnknown: true });
      witness.expectDiscretion();
    },
  );
});
