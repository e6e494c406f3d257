import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PromptTokens } from './prompt-cache.ts';
import type { ErrorName, Exchange } from './server.ts';
import type { SimChatRequest, SimReply } from './types.ts';

/** The simulator's tokens: four characters each, so that tests can say "after token 40" of any text. */
export function tokensOf(text: string): string[] {
  return text.match(/[\s\S]{1,4}/gu) ?? [];
}

/** What an answer consists of, cut at the asked length. */
export interface Answer {
  tokens: string[];
  toolCalls: { id: string; name: string; tokens: string[] }[];
  prompt: PromptTokens;
  /** Of the answer and the arguments of its calls. */
  outputTokens: number;
  end: 'stop' | 'length' | 'filtered' | 'tool_calls';
}

export async function composeAnswer({ chat, fault, options, promptCache }: Exchange): Promise<Answer> {
  const reply = options.reply ?? defaultReply;
  const { text = '', toolCalls: wanted = [] } = fault?.kind === 'empty' ? {} : asReply(await reply(chat));
  const all = tokensOf(text);
  const tokens = all.slice(0, chat.maxTokens);
  const toolCalls = wanted.map(({ name, arguments: args }) => {
    if (!chat.tools.includes(name)) throw new Error(`the tool ${name} was not offered`);
    return { id: `call_${randomUUID()}`, name, tokens: tokensOf(JSON.stringify(args)) };
  });
  const length = tokens.length < all.length ? 'length' : toolCalls.length > 0 ? 'tool_calls' : 'stop';
  return {
    tokens,
    toolCalls,
    prompt: promptCache.count(chat),
    outputTokens: toolCalls.reduce((sum, call) => sum + call.tokens.length, tokens.length),
    end: fault?.kind === 'content_filter' ? 'filtered' : length,
  };
}

const asReply = (reply: string | SimReply): SimReply => (typeof reply === 'string' ? { text: reply } : reply);

function defaultReply({ messages }: SimChatRequest): string {
  return `You said: ${messages.findLast(({ role }) => role === 'user')?.content ?? ''}`;
}

/** How an API writes the parts of its stream. */
export interface StreamWriter {
  token(text: string): string;
  /** An error event in the stream. */
  error(name: ErrorName): string;
  malformed: string;
  /** Sent again and again while the stream stalls; undefined: silence. */
  keepAlive: string | undefined;
}

/**
 * Writes the tokens at the asked speed and plays the faults that strike in mid-stream.
 *
 * @returns whether the stream is still whole and may be ended
 */
export async function streamTokens(exchange: Exchange, answer: Answer, writer: StreamWriter): Promise<boolean> {
  const { record, options, gone } = exchange;
  await pause(options.firstTokenMs ?? 0, gone);
  const startedAt = performance.now();
  for (const [index, token] of answer.tokens.entries()) {
    if (!(await strike(exchange, index, writer))) return false;
    if (options.tokensPerSecond) {
      // By the clock from the start: the speed holds on average however coarse the timers are.
      await pause(startedAt + (index * 1000) / options.tokensPerSecond - performance.now(), gone);
    }
    await write(exchange, writer.token(token));
    record.tokensSent++;
  }
  return strike(exchange, answer.tokens.length, writer);
}

/** Plays a mid-stream fault once `sent` tokens are out. False when that was the end of the stream. */
async function strike(exchange: Exchange, sent: number, writer: StreamWriter): Promise<boolean> {
  const { fault, response, record, gone } = exchange;
  if (!fault || !('afterTokens' in fault) || fault.afterTokens !== sent) return true;
  switch (fault.kind) {
    case 'cut':
      // Let the client read what was sent before: the end of the connection would overtake it.
      await new Promise((flushed) => response.write(':\n\n', flushed));
      await pause(20, gone);
      record.outcome = 'cut';
      response.socket?.destroy();
      return false;
    case 'stall':
      while (!gone.aborted) {
        if (writer.keepAlive) await write(exchange, writer.keepAlive);
        await pause(20, gone);
      }
      return false;
    case 'malformed':
      await write(exchange, writer.malformed);
      response.end();
      return false;
    case 'error_in_stream':
      await write(exchange, writer.error(fault.error ?? 'server_error'));
      response.end();
      return false;
  }
}

/** Writes and waits while the socket is full. Throws when the client has gone. */
export async function write({ response, gone }: Exchange, text: string): Promise<void> {
  gone.throwIfAborted();
  if (!response.write(text)) await once(response, 'drain', { signal: gone });
}

async function pause(ms: number, gone: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal: gone });
}

export function startEventStream({ response, record }: Exchange, headers: Record<string, string>): void {
  record.status = 200;
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    ...headers,
  });
}
