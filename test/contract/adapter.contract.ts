import { describe } from 'vitest';
import type { PlatformDescriptor } from './descriptor.ts';
import { describeAbilities } from './sections/abilities.ts';
import { describeConversation } from './sections/conversation.ts';
import { describeFailures } from './sections/failures.ts';
import { describeFormat } from './sections/format.ts';
import { describeLifecycle } from './sections/lifecycle.ts';
import { describeRecorded } from './sections/recorded.ts';
import { describeSending } from './sections/sending.ts';
import { describeStreaming } from './sections/streaming.ts';
import { describeVerification } from './sections/verification.ts';

/** What every adapter promises (core/src/adapter), sentence by sentence, on one platform. */
export function describeAdapter(descriptor: PlatformDescriptor): void {
  describe(descriptor.platform, () => {
    describeVerification(descriptor);
    describeRecorded(descriptor);
    describeConversation(descriptor);
    describeFormat(descriptor);
    describeSending(descriptor);
    describeFailures(descriptor);
    describeStreaming(descriptor);
    describeAbilities(descriptor);
    describeLifecycle(descriptor);
  });
}
