/** A Bot API error: thrown by a method, answered with its HTTP status. */
export class TelegramError extends Error {
  readonly code: number;
  readonly parameters: Record<string, number> | undefined;

  constructor(code: number, description: string, parameters?: Record<string, number>) {
    super(description);
    this.name = 'TelegramError';
    this.code = code;
    this.parameters = parameters;
  }

  /** The answer's body. */
  toBody(): Record<string, unknown> {
    const { code, message, parameters } = this;
    return { ok: false, error_code: code, description: message, ...(parameters && { parameters }) };
  }
}

/** The commonest kind. */
export function badRequest(reason: string, parameters?: Record<string, number>): TelegramError {
  return new TelegramError(400, `Bad Request: ${reason}`, parameters);
}

/** The error a description stands for; its first words tell the status. */
export function errorFromDescription(description: string): TelegramError {
  const codes = { Unauthorized: 401, Forbidden: 403, 'Not Found': 404, Conflict: 409, 'Internal Server Error': 500 };
  const known = Object.entries(codes).find(([start]) => description.startsWith(start));
  return new TelegramError(known?.[1] ?? 400, description);
}
