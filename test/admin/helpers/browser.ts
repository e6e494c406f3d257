/** Passwords, tokens, cookies and codes that a test has seen. */
export type Secrets = Set<string>;

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any;
  headers: Headers;
}

export interface Sent {
  body?: unknown;
  headers?: Record<string, string | undefined>;
}

/** Something like a browser on the console: keeps cookies, sends the CSRF token, remembers every answer. */
export function createBrowser(base: string, { told, secrets }: { told: string[]; secrets: Secrets }) {
  const cookies = new Map<string, string>();
  const browser = {
    cookies,
    csrf: undefined as string | undefined,

    async send(method: string, path: string, { body, headers = {} }: Sent = {}): Promise<Answer> {
      const all: Record<string, string | undefined> = {
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') || undefined,
        'x-csrf-token': method === 'GET' ? undefined : browser.csrf,
        'content-type': body === undefined ? undefined : 'application/json',
        ...headers,
      };
      const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
      const response = await fetch(path.startsWith('http') ? path : `${base}/api/admin${path}`, {
        method,
        headers: given,
        redirect: 'manual',
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      for (const cookie of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        if (value === '') cookies.delete(name);
        else cookies.set(name, value);
        if (name === 'parley_session' && value !== '') secrets.add(value);
      }
      const text = await response.text();
      const plain = [...response.headers].filter(([name]) => name !== 'set-cookie').map(([, value]) => value);
      told.push([text, ...plain].join('\n'));
      return {
        status: response.status,
        body: text.startsWith('{') ? JSON.parse(text) : text,
        headers: response.headers,
      };
    },

    get: (path: string, headers?: Sent['headers']) => browser.send('GET', path, headers ? { headers } : {}),
    post: (path: string, body?: unknown, headers?: Sent['headers']) =>
      browser.send('POST', path, { body: body ?? {}, ...(headers && { headers }) }),

    /** Reads something, then changes it as it was read. */
    async change(method: string, path: string, body?: unknown): Promise<Answer> {
      const read = await browser.get(path);
      const tag = read.headers.get('etag') ?? undefined;
      return browser.send(method, path, { ...(body !== undefined && { body }), headers: { 'if-match': tag } });
    },

    async signIn(username: string, password: string, code?: string): Promise<Answer> {
      secrets.add(password);
      const answer = await browser.post('/auth/login', { username, password, ...(code !== undefined && { code }) });
      if (answer.status === 200) browser.csrf = answer.body.csrf_token;
      return answer;
    },
  };
  return browser;
}

export type Browser = ReturnType<typeof createBrowser>;
