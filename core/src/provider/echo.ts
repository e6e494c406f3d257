import { ParleyError } from '../errors/index.ts';
import { countTokens } from '../memory/index.ts';
import type { ModelCall, ModelEvent, ModelRequest, Provider } from './types.ts';

const DELTAS = 4;

/** Answers `echo: TEXT` with the text of the last question, so that the whole hub can be tried offline. */
export function createEchoProvider(): Provider {
  async function* stream(request: ModelRequest, { signal }: ModelCall): AsyncGenerator<ModelEvent> {
    const question = request.messages.findLast(({ role }) => role === 'user')?.content ?? '';
    const answer = `echo: ${question}`;
    // By characters, not UTF-16 units: a delta never holds half an emoji.
    const characters = Array.from(answer);
    const size = Math.ceil(characters.length / DELTAS);
    for (let start = 0; start < characters.length; start += size) {
      if (signal.aborted) throw new ParleyError('model_aborted', 'the request was aborted');
      yield { type: 'delta', text: characters.slice(start, start + size).join('') };
    }
    const prompt = [request.system ?? '', ...request.messages.map(({ content }) => content)].join('\n');
    const [inputTokens, outputTokens] = await Promise.all([countTokens(prompt), countTokens(answer)]);
    // Not an estimate: this provider's own count is the authority on what it used.
    yield {
      type: 'finish',
      reason: 'stop',
      usage: { inputTokens, outputTokens, cachedInputTokens: 0, estimated: false },
    };
  }
  return { stream };
}
