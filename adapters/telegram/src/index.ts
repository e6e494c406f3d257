import type { CreateAdapter } from '@parley/core/adapter';
import { ParleyError } from '@parley/core/errors';
import { createChats } from './chats.ts';
import { createClient } from './client.ts';
import { createConnect } from './connect.ts';
import { createFetchFile } from './files.ts';
import { formatReply } from './format.ts';
import { createIdentity } from './identity.ts';
import { LIMITS } from './limits.ts';
import { parseUpdate } from './parse.ts';
import { createProbe } from './probe.ts';
import { createRegister } from './register.ts';
import { createSender } from './send.ts';
import { createStartStream } from './stream.ts';
import { createTyping } from './typing.ts';
import { createVerify } from './verify.ts';

export const createAdapter: CreateAdapter = (channel, deps) => {
  if (channel.platform !== 'telegram') {
    throw new ParleyError('invalid_config', `channel ${channel.id} is not a Telegram channel`);
  }
  const client = createClient(channel, deps.network);
  const chats = createChats();
  const identity = createIdentity(channel, client, deps);
  const verify = createVerify(channel.credentials.webhook_secret);
  const register = createRegister(channel, client, identity, deps);

  return {
    platform: 'telegram',
    certainty: 'placeholder',
    limits: LIMITS,
    async handleWebhook(request) {
      const update = verify(request);
      return { response: { status: 200 }, events: [await parseUpdate(update, identity)] };
    },
    formatReply,
    ...createSender(client, chats),
    startStream: createStartStream(client, chats, deps),
    ...createTyping(client),
    fetchFile: createFetchFile(channel, client, deps.network),
    connect: createConnect({ channel, client, identity, logger: deps.logger, commands: register.commands }),
    register: register.webhook,
    probe: createProbe(channel, client),
    close: client.close,
  };
};
