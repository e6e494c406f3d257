import { PLATFORMS } from '@parley/core/message';
import { sandboxChatSchema } from '@parley/gateway';
import { z } from 'zod';

/** One platform as the child plays it; see test/simulators/src/sandbox/types.ts. */
const platformSchema = z.object({
  platform: z.enum(PLATFORMS),
  api_base_url: z.string(),
  credentials: z.record(z.string(), z.string()),
  chats: z.array(sandboxChatSchema),
  people: z.array(z.object({ id: z.string(), name: z.string() })),
});
const errorSchema = z.object({ code: z.string(), message: z.string(), field: z.string().optional() });
const lineSchema = z.union([
  z.object({ ready: z.array(platformSchema) }),
  z.object({ id: z.number(), error: errorSchema }),
  z.object({ id: z.number(), result: z.unknown() }),
]);

export type PlayedPlatform = z.output<typeof platformSchema>;
export type Line = z.output<typeof lineSchema>;
export type AnswerLine = Exclude<Line, { ready: unknown }>;

/** A line the child wrote; undefined when it is none. */
export function readLine(text: string): Line | undefined {
  try {
    return lineSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
