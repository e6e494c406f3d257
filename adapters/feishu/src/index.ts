import type { CreateAdapter } from '@parley/core/adapter';
import { ParleyError } from '@parley/core/errors';
import { createClient } from './client.ts';
import { createConnect } from './connect.ts';
import { createFetchFile } from './files.ts';
import { formatReply } from './format.ts';
import { createIdentity } from './identity.ts';
import { LIMITS } from './limits.ts';
import { createMessages } from './messages.ts';
import { createParse } from './parse.ts';
import { createProbe } from './probe.ts';
import { createSender } from './send.ts';
import { createStartStream } from './stream.ts';
import { createTyping } from './typing.ts';
import { createVerify } from './verify.ts';

export const createAdapter: CreateAdapter = (channel, deps) => {
  if (channel.platform !== 'feishu') {
    throw new ParleyError('invalid_config', `channel ${channel.id} is not a Feishu channel`);
  }
  const client = createClient(channel, deps);
  const messages = createMessages(client);
  const identity = createIdentity(channel, client, deps);
  const verify = createVerify(channel.credentials, deps.now);
  const parse = createParse(channel, identity);

  return {
    platform: 'feishu',
    certainty: 'idempotent',
    idempotencyMs: 3_500_000, // Feishu says one hour
    limits: LIMITS,
    async handleWebhook(request) {
      const verified = verify(request);
      if (verified.kind === 'challenge') {
        const body = { challenge: verified.challenge };
        return { response: { status: 200, body }, events: [{ kind: 'ignored', reason: 'handshake' }] };
      }
      // Card callbacks want a JSON object at once, and `{}` means "leave the card as it is". Events take any 200.
      return { response: { status: 200, body: {} }, events: [await parse(verified.body)] };
    },
    formatReply,
    ...createSender(messages),
    startStream: createStartStream(client, messages, deps),
    ...createTyping(client),
    fetchFile: createFetchFile(client),
    connect: createConnect(channel, client, parse, deps),
    probe: createProbe(channel, identity),
    close: client.close,
  };
};
