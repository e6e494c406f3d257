import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type OpenAI from 'openai';
import { APIConnectionError, APIError, APIUserAbortError } from 'openai';
import type { Dispatcher } from 'undici';
import { createEventStreamReader, type ServerSentEvent } from './event-stream.ts';
import { createPieceReader } from './pieces.ts';
import type { Place } from './place.ts';

type Body = OpenAI.ChatCompletionCreateParamsStreaming;
type Chunk = OpenAI.ChatCompletionChunk;

/** Longest text of a refusal that is read. */
const MAX_REFUSAL_CHARACTERS = 64 * 1024;
const DONE = '[DONE]';

/**
 * `chat.completions.create` with `stream: true` as the official client does it: the same request, chunks and errors. The
 * client itself wraps every chunk in six iterators and every request in a web Request, Response and stream; that costs
 * more than everything the hub does with an answer. What has come by the time somebody asks comes at once, as a list.
 *
 * @throws APIError, APIConnectionError, APIUserAbortError; a SyntaxError for a chunk that is no JSON
 */
export async function streamCompletion(
  dispatcher: Dispatcher,
  { baseUrl, apiKey }: Pick<Place, 'baseUrl' | 'apiKey'>,
  body: Body,
  { signal, gatherMs }: { signal: AbortSignal; gatherMs?: number | undefined },
): Promise<AsyncIterable<Chunk[]>> {
  const url = new URL(`${baseUrl.replace(/\/+$/, '')}/chat/completions`);
  const response = await send(dispatcher, url, apiKey, body, signal);
  if (response.statusCode < 200 || response.statusCode > 299) throw await refusalOf(response);
  return chunksOf(response, gatherMs);
}

async function send(
  dispatcher: Dispatcher,
  url: URL,
  apiKey: string | undefined,
  body: Body,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  try {
    return await dispatcher.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: 'POST',
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
      },
      body: JSON.stringify(body),
      signal,
    });
  } catch (thrown) {
    if (signal.aborted) throw new APIUserAbortError();
    throw new APIConnectionError({ cause: thrown instanceof Error ? thrown : new Error(String(thrown)) });
  }
}

/** Only errors tell them: a good answer need not pay for it. */
function headersOf({ headers }: Dispatcher.ResponseData): Headers {
  const found = new Headers();
  for (const [name, value] of Object.entries(headers)) found.set(name, String(value));
  return found;
}

/** A refusal as the client makes it: of its JSON, or of its text when it is none. */
async function refusalOf(response: Dispatcher.ResponseData): Promise<APIError> {
  const { statusCode, body } = response;
  const text = await beginningOf(body);
  const json = parse(text);
  const said = typeof json === 'object' && json !== null ? json : undefined;
  return APIError.generate(statusCode, said, said ? undefined : text, headersOf(response));
}

/** Leaves the rest where it is: a refusal that never ends must not fill the memory. */
async function beginningOf(body: Readable): Promise<string> {
  const decoder = new StringDecoder('utf8');
  let text = '';
  for await (const piece of body) {
    text += decoder.write(piece);
    if (text.length >= MAX_REFUSAL_CHARACTERS) return text.slice(0, MAX_REFUSAL_CHARACTERS);
  }
  return text + decoder.end();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function* chunksOf(response: Dispatcher.ResponseData, gatherMs: number | undefined): AsyncGenerator<Chunk[]> {
  const reader = createEventStreamReader();
  const pieces = createPieceReader(response.body, { gatherMs, lastWord: DONE });
  let isWhole = false;
  try {
    for (let more = true; more; ) {
      const piece = await pieces.next();
      more = piece !== undefined;
      const { chunks, failure, isDone } = read(piece ? reader.push(piece) : reader.end(), response);
      isWhole = isDone === true || !more;
      if (chunks.length > 0) yield chunks;
      if (failure !== undefined) throw failure;
      if (isDone) return;
    }
  } finally {
    pieces.close(isWhole);
  }
}

interface Read {
  chunks: Chunk[];
  /** What the stream says went wrong, after these chunks. */
  failure?: Error;
  isDone?: boolean;
}

function read(events: readonly ServerSentEvent[], response: Dispatcher.ResponseData): Read {
  const chunks: Chunk[] = [];
  for (const { event, data } of events) {
    if (data === DONE) return { chunks, isDone: true };
    const said = parse(data);
    if (said === undefined) return { chunks, failure: new SyntaxError('malformed server-sent event JSON') };
    const error: unknown = event === 'error' ? (errorIn(said) ?? said) : errorIn(said);
    if (error) return { chunks, failure: new APIError(undefined, error as object, undefined, headersOf(response)) };
    chunks.push(said as Chunk);
  }
  return { chunks };
}

function errorIn(said: unknown): unknown {
  return typeof said === 'object' && said !== null ? Reflect.get(said, 'error') : undefined;
}
