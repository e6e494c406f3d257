import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFaults } from './faults.ts';
import { NO_CACHE, type PromptCache } from './prompt-cache.ts';
import type { FaultAction, ModelSimulator, ModelSimulatorOptions, RecordedRequest, SimChatRequest } from './types.ts';

/** What is particular to one API. */
export interface Api {
  name: ModelSimulator['api'];
  /** What follows the origin in a model's `base_url`. */
  basePath: string;
  isChat(path: string): boolean;
  keyOf(request: IncomingMessage): string | undefined;
  /** The chat request, or what the real API says is wrong with it. */
  parse(body: unknown, request: IncomingMessage): SimChatRequest | ErrorAnswer;
  /** Anything that is no chat request: the models' list. */
  other(method: string, path: string, models: readonly string[]): { status: number; body: unknown } | undefined;
  /** The API's own error of that name. */
  error(name: ErrorName, detail?: string): ErrorAnswer;
  createPromptCache(): PromptCache;
  answer(exchange: Exchange): Promise<void>;
}

export type ErrorName =
  | 'rate_limit'
  | 'overloaded'
  | 'out_of_money'
  | 'unauthorized'
  | 'context_length'
  | 'content_filter'
  | 'not_found'
  | 'invalid_request'
  | 'server_error';

export interface ErrorAnswer {
  status: number;
  error: unknown;
}

/** One accepted chat request and all that is needed to answer it. */
export interface Exchange {
  chat: SimChatRequest;
  record: RecordedRequest;
  response: ServerResponse;
  fault: FaultAction | undefined;
  options: ModelSimulatorOptions;
  promptCache: PromptCache;
  /** Aborts when the client leaves or the simulator closes. */
  gone: AbortSignal;
}

const MAX_BODY_BYTES = 16 * 1024 * 1024;
const MAX_RECORDS = 10_000;

export async function startServer(api: Api, options: ModelSimulatorOptions): Promise<ModelSimulator> {
  const requests: RecordedRequest[] = [];
  const changes = new EventEmitter({ captureRejections: true }).setMaxListeners(0);
  const faults = createFaults();
  const closing = new AbortController();
  const promptCache = options.promptCache ? api.createPromptCache() : NO_CACHE;

  const server = createServer((request, response) => {
    const record = recordOf(request, api.keyOf(request), options.keys ?? []);
    requests.push(record);
    if (requests.length > MAX_RECORDS) requests.shift();
    const gone = new AbortController();
    response.on('close', () => {
      if (record.outcome === 'open') record.outcome = response.writableFinished ? 'complete' : 'client_left';
      gone.abort();
      changes.emit('change');
    });
    const ended = AbortSignal.any([gone.signal, closing.signal]);
    handle(request, response, record, ended).catch(() => response.destroy());
  });

  async function handle(
    request: IncomingMessage,
    response: ServerResponse,
    record: RecordedRequest,
    gone: AbortSignal,
  ) {
    record.body = await readJson(request);
    const refuse = ({ status, error }: ErrorAnswer, headers: Record<string, string> = {}) =>
      sendJson(response, record, status, error, headers);
    if (!api.isChat(record.path)) {
      changes.emit('change');
      const other = api.other(record.method, record.path, options.models ?? ['sim-1']);
      return other ? sendJson(response, record, other.status, other.body) : refuse(api.error('not_found'));
    }
    if (options.keys && record.keyIndex === undefined) return refuse(api.error('unauthorized'));
    const chat = api.parse(record.body, request);
    if ('error' in chat) return refuse(chat);
    record.chat = chat;
    changes.emit('change');
    if (options.models && !options.models.includes(chat.model)) return refuse(api.error('not_found', chat.model));
    const fault = faults.take(record.keyIndex);
    if (fault && (await faults.refuse(fault, api, response, record, gone))) return;
    await api.answer({ chat, record, response, fault, options, promptCache, gone });
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;

  return {
    api: api.name,
    url: origin + api.basePath,
    origin,
    requests,
    misbehave: faults.add,
    waitForRequest: (match, timeoutMs = 10_000) => waitFor(requests, changes, match, timeoutMs),
    async close() {
      closing.abort();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

export function sendJson(
  response: ServerResponse,
  record: RecordedRequest,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  record.status = status;
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

function recordOf(request: IncomingMessage, key: string | undefined, keys: readonly string[]): RecordedRequest {
  const index = key === undefined ? -1 : keys.indexOf(key);
  return {
    method: request.method ?? '',
    path: new URL(request.url ?? '/', 'http://localhost').pathname,
    body: undefined,
    chat: undefined,
    keyIndex: index < 0 ? undefined : index,
    keyFingerprint: key === undefined ? undefined : createHash('sha256').update(key).digest('hex').slice(0, 12),
    status: 0,
    tokensSent: 0,
    outcome: 'open',
    at: Date.now(),
  };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Error('the request body is too large');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

function waitFor(
  requests: readonly RecordedRequest[],
  changes: EventEmitter,
  match: (request: RecordedRequest) => boolean,
  timeoutMs: number,
): Promise<RecordedRequest> {
  return new Promise((resolve, reject) => {
    const settle = (action: () => void) => {
      clearTimeout(timer);
      changes.off('change', look);
      action();
    };
    const look = () => {
      const found = requests.find(match);
      if (found) settle(() => resolve(found));
    };
    const late = () => new Error(`no such request within ${timeoutMs} ms; ${requests.length} were made`);
    const timer = setTimeout(() => settle(() => reject(late())), timeoutMs);
    changes.on('change', look);
    look();
  });
}
