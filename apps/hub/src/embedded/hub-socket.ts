import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { resolve } from 'node:path';
import { type ErrorCode, ParleyError } from '@parley/core/errors';
import type { Logger } from 'pino';
import { z } from 'zod';
import { socketPath } from './socket-path.ts';

/** What commands may ask of the hub, by name. The signal aborts when the command is gone, or the hub has to stop. */
export type HubRequests = Readonly<Record<string, (body: unknown, signal: AbortSignal) => Promise<unknown>>>;

export interface HubSocket {
  /** Gives up what is being done, and listens no more. */
  close(): Promise<void>;
}

const BODY_MAX = 64 * 1024;
/** So often the hub says that it still works on it; a command that hears nothing for longer gives up. */
const BEAT_MS = 5_000;
const SILENCE_MAX_MS = 60_000;

const pathOf = (dataDir: string) => socketPath(resolve(dataDir), 'hub.sock');

/**
 * Lets commands on this machine ask the hub that holds the data folder, which has the embedded database to itself: JSON
 * over a Unix socket that only this user can open. The folder is locked, so a socket that is there was left behind.
 */
export async function serveHubSocket(dataDir: string, requests: HubRequests, logger: Logger): Promise<HubSocket> {
  const path = pathOf(dataDir);
  const stop = new AbortController();
  const atWork = new Set<Promise<void>>();
  const server = createServer((incoming, response) => {
    const work = answer(incoming, response, requests, stop.signal, logger).finally(() => atWork.delete(work));
    atWork.add(work);
  });
  rmSync(path, { force: true });
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject).once('listening', listening.resolve);
  // It must not be open to others for a moment either; a path is bound before `listen` returns.
  const mask = process.umask(0o077);
  try {
    server.listen(path);
  } finally {
    process.umask(mask);
  }
  await listening.promise;
  return {
    async close() {
      stop.abort();
      await Promise.all(atWork);
      await new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      });
    },
  };
}

async function answer(
  incoming: IncomingMessage,
  response: ServerResponse,
  requests: HubRequests,
  stopped: AbortSignal,
  logger: Logger,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  // Before JSON begins it may have any number of line breaks.
  const beat = setInterval(() => response.write('\n'), BEAT_MS);
  try {
    const handle = requests[incoming.url?.slice(1) ?? ''];
    if (!handle) throw new ParleyError('not_found', 'This hub cannot do that: is it of another version?');
    const body: unknown = JSON.parse(await textOf(incoming));
    const result = await handle(body, AbortSignal.any([gone.signal, stopped]));
    response.end(JSON.stringify({ result: result ?? null }));
  } catch (error) {
    if (!(error instanceof ParleyError))
      logger.error({ err: error, path: incoming.url }, 'a request of a command failed');
    const { code, message } =
      error instanceof ParleyError ? error : new ParleyError('internal', 'The hub failed: see its log');
    response.end(JSON.stringify({ error: { code, message } }));
  } finally {
    clearInterval(beat);
  }
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of incoming.setEncoding('utf8')) {
    text += chunk;
    if (text.length > BODY_MAX) throw new ParleyError('payload_too_large', 'Too much was asked of the hub');
  }
  return text;
}

/** No socket, one that was left behind, or another user's: the lock of the folder says which. */
const NOBODY = new Set(['ENOENT', 'ECONNREFUSED', 'EACCES']);

const answerSchema = z.union([
  z.object({ error: z.object({ code: z.string(), message: z.string() }) }),
  z.object({ result: z.unknown() }),
]);

/**
 * Asks the hub that runs on a data folder.
 *
 * @returns `{ result }`; undefined: none runs there
 * @throws what the hub threw, and ParleyError `unavailable` when it goes away meanwhile
 */
export async function askHub(dataDir: string, name: string, body: unknown): Promise<{ result: unknown } | undefined> {
  const text = await post(pathOf(dataDir), name, JSON.stringify(body));
  if (text === undefined) return undefined;
  const answered = answerSchema.safeParse(JSON.parse(text)).data;
  if (!answered) throw new ParleyError('unavailable', 'The hub answered something else: is it of another version?');
  if ('error' in answered) throw new ParleyError(answered.error.code as ErrorCode, answered.error.message);
  return answered;
}

function post(path: string, name: string, body: string): Promise<string | undefined> {
  const { promise, resolve: done, reject } = Promise.withResolvers<string | undefined>();
  const lost = () => reject(new ParleyError('unavailable', 'The hub has ended, or stopped what it was asked for'));
  const options = { method: 'POST', timeout: SILENCE_MAX_MS, agent: false };
  const outgoing = request({ ...options, socketPath: path, path: `/${name}` });
  outgoing.once('timeout', () => outgoing.destroy());
  outgoing.once('error', (error: NodeJS.ErrnoException) => {
    if (NOBODY.has(error.code ?? '')) done(undefined);
    else lost();
  });
  outgoing.once('response', (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    response
      .once('end', () => done(text))
      .once('error', lost)
      .once('aborted', lost);
  });
  outgoing.end(body);
  return promise;
}
