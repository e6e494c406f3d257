/** A Slack Web API error: thrown by a method, answered as `{ok: false, error}` with HTTP 200. */
export class SlackError extends Error {
  readonly code: string;
  /** Human-readable details, answered as `errors` and `response_metadata.messages`. */
  readonly details: string[];

  constructor(code: string, details: string[] = []) {
    super(code);
    this.name = 'SlackError';
    this.code = code;
    this.details = details;
  }

  /** The answer's body. */
  toBody(): Record<string, unknown> {
    if (this.details.length === 0) return { ok: false, error: this.code };
    const messages = this.details.map((detail) => `[ERROR] ${detail}`);
    return { ok: false, error: this.code, errors: this.details, response_metadata: { messages } };
  }
}
