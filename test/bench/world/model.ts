import { nowMs } from './clock.ts';
import { createLeanServer, type LeanReply, type LeanRequest, listen } from './lean-server.ts';
import { lastReference, referenceOf } from './reference.ts';

/**
 * The model API of the benchmark, a process of its own. How it answers stands in its path, so that it needs no state:
 * `/FIRST_MS/TOKENS/GAP_MS/v1/chat/completions` — when the first token comes, how many there are, and the time between
 * them (0: all at once).
 */

/** Ports it listens on: a client that bounds its connections to one host finds several. */
const PORTS = 4;
/** Answers in which the time of every step is remembered. */
const REMEMBERED = 1 << 17;

const asked = new Float64Array(REMEMBERED);
const finished = new Float64Array(REMEMBERED);
const streams = new Set<{ step(now: number): boolean }>();
let calls = 0;

const TAIL = ' is in good order and was checked this morning by the people who look after it'.split(/(?= )/);

function tokensOf(id: number, count: number): string[] {
  const tokens = [`Item ${referenceOf(id)}`];
  for (let i = 1; i < count; i++) tokens.push(TAIL[(i - 1) % TAIL.length] as string);
  return tokens;
}

function chunk(delta: object, finish: string | null = null): string {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }];
  return `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'stub', choices, usage: null })}\n\n`;
}

const OPENING = chunk({ role: 'assistant', content: '', refusal: null });
const CLOSING = chunk({}, 'stop');

function usageChunk(tokens: number): string {
  const usage = { prompt_tokens: 40, completion_tokens: tokens, total_tokens: 40 + tokens };
  return `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'stub', choices: [], usage })}\n\ndata: [DONE]\n\n`;
}

function answer({ path, body }: LeanRequest, reply: LeanReply): void {
  const [, first = '0', count = '12', gap = '0'] = path.split('/');
  const id = lastReference(body) ?? 0;
  const tokens = tokensOf(id, Number(count));
  calls++;
  asked[id % REMEMBERED] = nowMs();
  const begin = () =>
    body.includes('"stream":true') ? stream(reply, id, tokens, Number(gap)) : whole(reply, id, tokens);
  if (first === '0') begin();
  else setTimeout(begin, Number(first));
}

function whole(reply: LeanReply, id: number, tokens: string[]): void {
  const message = { role: 'assistant', content: tokens.join(''), refusal: null };
  const usage = { prompt_tokens: 40, completion_tokens: tokens.length, total_tokens: 40 + tokens.length };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: 'stop' }];
  reply.send(
    JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'stub', choices, usage }),
  );
  finished[id % REMEMBERED] = nowMs();
}

function stream(reply: LeanReply, id: number, tokens: string[], gapMs: number): void {
  reply.begin();
  if (gapMs === 0) {
    reply.write(OPENING + tokens.map((content) => chunk({ content })).join('') + CLOSING + usageChunk(tokens.length));
    reply.end();
    finished[id % REMEMBERED] = nowMs();
    return;
  }
  const startedAt = nowMs();
  let written = 0;
  reply.write(OPENING);
  streams.add({
    step(now) {
      const due = Math.min(tokens.length, Math.floor((now - startedAt) / gapMs) + 1);
      for (; written < due; written++) reply.write(chunk({ content: tokens[written] }));
      if (written < tokens.length && reply.open) return true;
      reply.write(CLOSING + usageChunk(tokens.length));
      reply.end();
      finished[id % REMEMBERED] = nowMs();
      return false;
    },
  });
}

// One timer for all streams.
setInterval(() => {
  const now = nowMs();
  for (const one of streams) if (!one.step(now)) streams.delete(one);
}, 4);

export type ModelQuestion = { kind: 'times'; ids: number[] } | { kind: 'calls' };

process.on('message', (question: ModelQuestion) => {
  if (question.kind === 'calls') return process.send?.({ calls });
  process.send?.({ times: question.ids.map((id) => [asked[id % REMEMBERED], finished[id % REMEMBERED]]) });
});
process.on('disconnect', () => process.exit());

const ports = await Promise.all(Array.from({ length: PORTS }, () => listen(createLeanServer(answer))));
process.send?.({ ports });
