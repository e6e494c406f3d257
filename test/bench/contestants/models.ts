import OpenAI from 'openai';

/** Asks the model as everybody with the official client does: a stream of typed chunks. */
export function askWithSdk(modelUrl: string): (text: string) => Promise<string> {
  const openai = new OpenAI({ apiKey: 'sk-stub', baseURL: modelUrl, maxRetries: 0 });
  return async (text) => {
    const chunks = await openai.chat.completions.create({
      model: 'stub',
      messages: [{ role: 'user', content: text }],
      stream: true,
      stream_options: { include_usage: true },
    });
    let answer = '';
    for await (const chunk of chunks) answer += chunk.choices[0]?.delta.content ?? '';
    return answer;
  };
}
