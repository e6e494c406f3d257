import { StringDecoder } from 'node:string_decoder';
import type OpenAI from 'openai';
import { APIConnectionError, APIError, APIUserAbortError } from 'openai';
import type { Dispatcher } from 'undici';
import { createEventStreamReader, type ServerSentEvent } from './event-stream.ts';
import type { PieceReader } from './pieces.ts';
import type { Place } from './place.ts';
import { type PostResponse, post } from './post.ts';

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
  const { origin, pathname, search } = new URL(`${baseUrl.replace(/\/+$/, '')}/chat/completions`);
  const headers = {
    accept: 'application/json',
    'content-type': 'application/json',
    ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }),
  };
  const request = { origin, path: pathname + search, headers, body: JSON.stringify(body) };
  const response = await post(dispatcher, request, { signal, gatherMs, lastWord: DONE }).catch((thrown: unknown) => {
    if (signal.aborted) throw new APIUserAbortError();
    throw new APIConnectionError({ cause: thrown instanceof Error ? thrown : new Error(String(thrown)) });
  });
  if (response.statusCode < 200 || response.statusCode > 299) throw await refusalOf(response);
  const chunks = readChunks(response);
  return { [Symbol.asyncIterator]: () => chunks };
}

/** Only errors tell them: a good answer need not pay for it. */
function headersOf({ headers }: PostResponse): Headers {
  const found = new Headers();
  for (const [name, value] of Object.entries(headers)) found.set(name, String(value));
  return found;
}

/** A refusal as the client makes it: of its JSON, or of its text when it is none. */
async function refusalOf(response: PostResponse): Promise<APIError> {
  const text = await beginningOf(response.pieces);
  const json = parse(text);
  const said = typeof json === 'object' && json !== null ? json : undefined;
  return APIError.generate(response.statusCode, said, said ? undefined : text, headersOf(response));
}

/** Leaves the rest where it is: a refusal that never ends must not fill the memory. */
async function beginningOf(pieces: PieceReader): Promise<string> {
  const decoder = new StringDecoder('utf8');
  let text = '';
  try {
    for (let piece = await pieces.next(); piece !== undefined; piece = await pieces.next()) {
      text += decoder.write(piece as Buffer);
      if (text.length >= MAX_REFUSAL_CHARACTERS) return text.slice(0, MAX_REFUSAL_CHARACTERS);
    }
    return text + decoder.end();
  } finally {
    pieces.close(false);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** By hand: a generator would take as much time for a list of chunks as reading it does. */
function readChunks(response: PostResponse): AsyncIterator<Chunk[]> {
  const { pieces } = response;
  const reader = createEventStreamReader();
  /** What comes after the chunks that were handed on last. */
  let failure: unknown;
  let isOver = false;

  function end(isWhole: boolean): void {
    isOver = true;
    pieces.close(isWhole);
  }

  /** The chunks of the next piece that has any; none: that was all. */
  async function nextChunks(): Promise<Chunk[]> {
    while (!isOver) {
      const piece = await pieces.next();
      const found = read(piece ? reader.push(piece) : reader.end(), response);
      failure = found.failure;
      if (found.isDone || failure !== undefined || !piece) end(found.isDone === true || !piece);
      if (found.chunks.length > 0) return found.chunks;
    }
    if (failure === undefined) return [];
    const thrown = failure;
    failure = undefined;
    throw thrown;
  }

  return {
    async next() {
      try {
        const chunks = await nextChunks();
        return chunks.length > 0 ? { value: chunks, done: false } : { value: undefined, done: true };
      } catch (thrown) {
        if (!isOver) end(false);
        throw thrown;
      }
    },
    async return() {
      if (!isOver) end(false);
      return { value: undefined, done: true };
    },
  };
}

interface Read {
  chunks: Chunk[];
  /** What the stream says went wrong, after these chunks. */
  failure?: Error;
  isDone?: boolean;
}

function read(events: readonly ServerSentEvent[], response: PostResponse): Read {
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
