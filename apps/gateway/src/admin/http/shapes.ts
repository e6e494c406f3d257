import { z } from 'zod';

/** Which schema describes a value in the OpenAPI document although another one lets it pass (see `describedBy`). */
export const described = new WeakMap<object, z.ZodType>();

/**
 * A JSON object whose shape another schema describes for readers. The configuration validates entries as a whole, with
 * references and kept secrets, and tells mistakes better than a body's schema could.
 */
export function describedBy(as: z.ZodType) {
  const schema = z.record(z.string(), z.unknown());
  described.set(schema, as);
  return schema;
}

/** A text in both languages. */
export const bilingual = z.object({ en: z.string(), zh: z.string() });

export const isoTime = z.string().describe('ISO 8601');
