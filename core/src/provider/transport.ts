import { Agent, type Dispatcher, type RequestInfo, type RequestInit, fetch as undiciFetch } from 'undici';

/** The pooled connections under every SDK client. */
export interface Transport {
  /** For calls that need no web standards around them. */
  dispatcher: Dispatcher;
  fetch: typeof globalThis.fetch;
  close(): Promise<void>;
}

/** A stream costs some 300 bytes per token, so this is about 200,000 tokens: more than any model answers. */
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;
const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 30_000;

/**
 * One undici agent for all providers. `fetch` and the agent must come from the same undici: Node's built-in fetch is
 * another version and refuses foreign dispatchers.
 */
export function createTransport(connectionsPerHost: number): Transport {
  const agent = new Agent({
    connections: connectionsPerHost,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxResponseSize: MAX_RESPONSE_BYTES,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    // The watchdog knows each model's own limit; undici's fixed 5 minutes would only cut slow models off.
    headersTimeout: 0,
    bodyTimeout: 0,
    // Over HTTP/2 all answers share one connection: one lost packet would hold up every stream at once.
    allowH2: false,
  });
  // The SDKs are typed against the global fetch, undici against its own twin of the same classes.
  const fetch = (input: RequestInfo, init?: RequestInit) => undiciFetch(input, { ...init, dispatcher: agent });
  return {
    dispatcher: agent,
    fetch: fetch as unknown as typeof globalThis.fetch,
    close: () => agent.destroy(),
  };
}
