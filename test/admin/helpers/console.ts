/** One who uses the admin API as the console does: with a cookie and a CSRF token. */
export interface ConsoleUser {
  get(path: string): Promise<Answer>;
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Reads a thing, changes what was read, and puts it back under its ETag. */
  change<T>(path: string, change: (state: T) => unknown): Promise<Answer>;
  cookie: string;
  csrf: string;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers whose shapes the schemas have checked
  body: any;
}

export const ADMIN_PASSWORD = 'correct horse battery staple';

/** Signs in. @throws when the hub refuses */
export async function signIn(hubUrl: string, username = 'admin', password = ADMIN_PASSWORD): Promise<ConsoleUser> {
  const signed = await fetch(`${hubUrl}/api/admin/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
  const text = await signed.text();
  if (signed.status !== 200) throw new Error(`signing in: ${signed.status} ${text}`);
  const cookie = signed.headers.get('set-cookie')?.split(';')[0] ?? '';
  const csrf = String(JSON.parse(text).csrf_token);

  async function send(
    method: string,
    path: string,
    body?: unknown,
    more: Record<string, string> = {},
  ): Promise<Answer> {
    const headers = {
      cookie,
      ...(method === 'GET' ? {} : { 'x-csrf-token': csrf }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...more,
    };
    const answer = await fetch(`${hubUrl}/api/admin${path}`, {
      method,
      headers,
      redirect: 'manual',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return readAnswer(answer);
  }

  return {
    cookie,
    csrf,
    send,
    get: (path) => send('GET', path),
    async change(path, change) {
      const read = await send('GET', path);
      if (read.status !== 200) return read;
      return send('PUT', path, change(read.body), { 'if-match': read.headers.get('etag') ?? '' });
    },
  };
}

export async function readAnswer(answer: Response): Promise<Answer> {
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.startsWith('application/json') ?? false;
  return { status: answer.status, headers: answer.headers, text, body: isJson ? JSON.parse(text) : undefined };
}
