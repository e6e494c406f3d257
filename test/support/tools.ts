import type { SimChatRequest, SimReply } from '@parley/simulators/models';

/** A model that asks the tool `weather` for every place that the question names after "in", and then repeats what it said. */
export function weatherReply({ messages, tools, toolResults }: SimChatRequest): SimReply {
  if (toolResults.length > 0) return { text: toolResults.map(({ content }) => content).join(', ') };
  const question = messages.at(-1)?.content ?? '';
  const places = /weather in (.+)/.exec(question)?.[1]?.split(' and ');
  if (!places || !tools.includes('weather')) return { text: `no tool for "${question}"` };
  return { toolCalls: places.map((city) => ({ name: 'weather', arguments: { city } })) };
}
