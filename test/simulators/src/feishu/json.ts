export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** The JSON object in `text`; `undefined` when there is none. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** `value` when it is a string. */
export function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/**
 * JSON as Feishu's servers (written in Go) put it on the wire: `<`, `>` and `&` are escaped. A receiver that verifies a
 * signature over JSON it has parsed and printed again, instead of over the raw bytes, fails on this.
 */
export function goJson(value: unknown, spaced = false): string {
  const json = spaced ? JSON.stringify(value, null, 1) : JSON.stringify(value);
  return json.replace(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}
