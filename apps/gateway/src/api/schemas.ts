import { ParleyError } from '@parley/core/errors';
import { z } from 'zod';

/** What callers send. Fields of OpenAI's API that change nothing here are let through and ignored. */

const text = z.string().max(1_000_000);
const imageUrl = z
  .string()
  .max(1_000_000)
  .regex(/^(https?:\/\/|data:image\/[a-z+.-]+;base64,)/, 'expected an https:// or data:image/…;base64, URL');
const part = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text }),
  z.object({
    type: z.literal('image_url'),
    image_url: z.object({ url: imageUrl, detail: z.enum(['auto', 'low', 'high']).optional() }),
  }),
]);
const textParts = z.union([text, z.array(z.object({ type: z.literal('text'), text })).max(100)]);
const toolCall = z.object({
  id: z.string().max(200),
  type: z.literal('function').default('function'),
  function: z.object({ name: z.string().max(200), arguments: z.string().max(200_000) }),
});

export const messageSchema = z.discriminatedUnion('role', [
  z.object({ role: z.literal('system'), content: textParts }),
  z.object({ role: z.literal('developer'), content: textParts }),
  z.object({ role: z.literal('user'), content: z.union([text, z.array(part).max(100)]) }),
  z.object({
    role: z.literal('assistant'),
    content: textParts.nullish(),
    tool_calls: z.array(toolCall).max(128).optional(),
  }),
  z.object({ role: z.literal('tool'), content: textParts, tool_call_id: z.string().max(200) }),
]);
export type ApiMessage = z.output<typeof messageSchema>;

const messages = z.array(messageSchema).min(1).max(2_000);
const maxTokens = z.number().int().positive().max(1_000_000).nullish();
const sessionId = z.string().min(1).max(200);
const model = z.string().min(1).max(200).nullish();
const temperature = z.number().min(0).max(2).nullish();

export const chatSchema = z.strictObject({
  session_id: sessionId.optional(),
  messages,
  model,
  max_tokens: maxTokens,
  temperature,
  stream: z.boolean().default(false),
});

export const completionsSchema = z.object({
  messages,
  model,
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: maxTokens,
  max_completion_tokens: maxTokens,
  n: z.literal(1, { error: 'only n: 1 is supported' }).nullish(),
  temperature,
  top_p: z.number().min(0).max(1).nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(4)]).nullish(),
  seed: z.number().int().nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  tools: z
    .array(
      z.object({
        type: z.literal('function'),
        function: z.object({
          name: z.string().min(1).max(200),
          description: z.string().max(10_000).optional(),
          parameters: z.record(z.string(), z.unknown()).optional(),
          strict: z.boolean().nullish(),
        }),
      }),
    )
    .max(128)
    .nullish(),
  tool_choice: z
    .union([
      z.enum(['none', 'auto', 'required']),
      z.object({ type: z.literal('function'), function: z.object({ name: z.string() }) }),
    ])
    .nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  response_format: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('text') }),
      z.object({ type: z.literal('json_object') }),
      z.object({ type: z.literal('json_schema'), json_schema: z.record(z.string(), z.unknown()) }),
    ])
    .nullish(),
  user: z.string().max(200).nullish(),
});

export const tokenSchema = z.strictObject({
  ttl_seconds: z.number().int().min(60).max(86_400).default(3_600),
  subject: z.string().min(1).max(200).optional(),
  scopes: z
    .array(z.enum(['chat', 'models', 'quota']))
    .min(1)
    .optional(),
});

/** @throws ParleyError `invalid_request` that names every wrong field and what was expected */
export function parse<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const wrong = result.error.issues.slice(0, 10).map(({ path, message }) => {
    const field = path.map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('');
    return `${field.replace(/^\./, '') || 'body'}: ${message}`;
  });
  throw new ParleyError('invalid_request', wrong.join('; '));
}
