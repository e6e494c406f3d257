import { createSecretKey } from 'node:crypto';
import type { CreateAdapter } from '@parley/core/adapter';
import { ParleyError } from '@parley/core/errors';
import { makeClient } from './client.ts';
import { fetchFile } from './files.ts';
import { findSent } from './find-sent.ts';
import { formatReply } from './format.ts';
import { makeHostCheck } from './hosts.ts';
import { makeIdentity } from './identity.ts';
import { LIMITS } from './limits.ts';
import { type ParseContext, parseRequest } from './parse.ts';
import { probe } from './probe.ts';
import { makeSdkLogger } from './sdk-logger.ts';
import { editMessage, postMessage } from './send.ts';
import { makeStartStream } from './stream.ts';
import { makeTyping, TYPING_INTERVAL_MS } from './typing.ts';
import { verifyRequest } from './verify.ts';

export const createAdapter: CreateAdapter = (channel, deps) => {
  if (channel.platform !== 'slack') throw new ParleyError('invalid_config', `Channel ${channel.id} is not on Slack`);
  const { bot_token: botToken, signing_secret: signingSecret, app_token: appToken } = channel.credentials;
  const { logger } = deps;
  const sdkLogger = makeSdkLogger(logger);
  const client = makeClient({ botToken, apiBaseUrl: channel.api_base_url, network: deps.network });
  const isSlackUrl = makeHostCheck(channel.api_base_url);
  // From a text Node would make a key for every request.
  const signingKey = signingSecret === undefined ? undefined : createSecretKey(signingSecret, 'utf8');
  const context: ParseContext = {
    commands: channel.triggers.commands,
    now: deps.now,
    botUserId: makeIdentity(client, botToken, deps),
    isSlackUrl,
  };

  return {
    platform: 'slack',
    certainty: 'findable',
    limits: LIMITS,
    async handleWebhook(request) {
      verifyRequest(request, signingKey, deps.now());
      return parseRequest(request, context);
    },
    formatReply,
    postMessage: (target, part, options) => postMessage(client, target, part, options),
    startStream: makeStartStream({ client, botUserId: context.botUserId, now: deps.now }),
    editMessage: (target, receipt, part, options) => editMessage(client, target, receipt, part, options),
    findSent: (target, idempotencyKey) => findSent(client, target, idempotencyKey),
    startTyping: makeTyping(client, deps.now),
    typingIntervalMs: TYPING_INTERVAL_MS,
    fetchFile: (_message, attachment, maxBytes) => fetchFile(client, botToken, isSlackUrl, attachment, maxBytes),
    async connect(sink, signal) {
      if (appToken === undefined) throw new ParleyError('invalid_config', 'Socket Mode needs credentials.app_token');
      // Bolt takes some 200 ms and 13 MB to load (Express, OAuth and all), and only Socket Mode has a use for it.
      const { connectSocket } = await import('./connect.ts');
      await connectSocket({ appToken, client, sdkLogger, logger, context }, sink, signal);
    },
    probe: () => probe(client, channel),
    close: () => client.close(),
  };
};
