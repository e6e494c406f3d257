import type { OutputGuard } from '../guard/types.ts';
import type { ChatMessage, ToolCall } from '../provider/types.ts';
import type { QuestionEvent } from './types.ts';

type ToolCallEvent = Extract<QuestionEvent, { type: 'tool_call' }>;

/** The tool calls of one answer as the caller gets them: placeholders restored, words of the guard held back. */
export interface ToolCalls {
  /** What may be passed on of the next piece; undefined: a blocked keyword came, the answer is refused. */
  push(event: ToolCallEvent): ToolCallEvent | undefined;
  /** What was held back until the end; undefined as above. */
  end(): ToolCallEvent[] | undefined;
  /** All that was passed on, put together. */
  readonly all: ToolCall[];
  /** What the guard met in any of them. */
  readonly counts: Readonly<Record<string, number>>;
}

/** @param open opens the guard of one call's arguments */
export function createToolCalls(open: () => OutputGuard): ToolCalls {
  const guards = new Map<number, OutputGuard>();
  const all: ToolCall[] = [];

  function guardOf(index: number): OutputGuard {
    const guard = guards.get(index) ?? open();
    guards.set(index, guard);
    return guard;
  }

  function pass(event: ToolCallEvent): ToolCallEvent {
    const { index, id, name, arguments: args } = event;
    const known = all[index] ?? { id: '', name: '', arguments: '' };
    all[index] = { id: id ?? known.id, name: name ?? known.name, arguments: known.arguments + args };
    return event;
  }

  return {
    push(event) {
      const { shown, refused } = guardOf(event.index).push(event.arguments);
      return refused ? undefined : pass({ ...event, arguments: shown });
    },
    end() {
      const rest: ToolCallEvent[] = [];
      for (const [index, guard] of guards) {
        const { shown, refused } = guard.end();
        if (refused) return undefined;
        if (shown !== '') rest.push(pass({ type: 'tool_call', index, arguments: shown }));
      }
      return rest;
    },
    all,
    get counts() {
      return [...guards.values()].reduce<Record<string, number>>((sum, { counts }) => {
        for (const [kind, count] of Object.entries(counts)) sum[kind] = (sum[kind] ?? 0) + count;
        return sum;
      }, {});
    },
  };
}

/** A JSON text's strings and numbers, token by token: what stands between them tells nothing about anybody. */
const VALUE = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** A message without personal data in what was said or handed to tools. */
export function maskMessage(message: ChatMessage, mask: (text: string) => string): ChatMessage {
  const { content, toolCalls } = message;
  return {
    ...message,
    content: mask(content),
    ...(toolCalls && {
      toolCalls: toolCalls.map((call) => ({ ...call, arguments: maskJson(call.arguments, mask) })),
    }),
  };
}

/** The arguments stay JSON: a number that has to go becomes a text. Where nothing is masked not a byte changes. */
function maskJson(json: string, mask: (text: string) => string): string {
  return json.replace(VALUE, (token) => {
    const value = token.startsWith('"') ? textOf(token) : token;
    const masked = mask(value);
    return masked === value ? token : JSON.stringify(masked);
  });
}

function textOf(token: string): string {
  try {
    return String(JSON.parse(token));
  } catch {
    return token; // an escape that JSON does not know: the model wrote it, and is told of it as it is
  }
}
