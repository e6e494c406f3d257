import { Agent, type Dispatcher, type RequestInfo, type RequestInit, fetch as undiciFetch } from 'undici';
import { createNetwork } from '../network/index.ts';

/** The pooled connections under every SDK client. */
export interface Transport {
  /** For calls that need no web standards around them. */
  dispatcher: Dispatcher;
  /** The same, which never reaches the own network. */
  checkedDispatcher: Dispatcher;
  fetch: typeof globalThis.fetch;
  /** The same, which never reaches the own network. */
  checkedFetch: typeof globalThis.fetch;
  close(): Promise<void>;
}

/** A stream costs some 300 bytes per token, so this is about 200,000 tokens: more than any model answers. */
const MAX_RESPONSE_BYTES = 64 * 1024 * 1024;
const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 30_000;

/**
 * One undici agent for all providers, and one for addresses that are checked. `fetch` and the agent must come from the same
 * undici: Node's built-in fetch is another version and refuses foreign dispatchers.
 */
export function createTransport(connectionsPerHost: number): Transport {
  const common = {
    connections: connectionsPerHost,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxResponseSize: MAX_RESPONSE_BYTES,
    // The watchdog knows each model's own limit; undici's fixed 5 minutes would only cut slow models off.
    headersTimeout: 0,
    bodyTimeout: 0,
    // Over HTTP/2 all answers share one connection: one lost packet would hold up every stream at once.
    allowH2: false,
  };
  const connect = { timeout: CONNECT_TIMEOUT_MS, allowH2: false };
  const plain = new Agent({ ...common, connect });
  const checked = new Agent({ ...common, connect: createNetwork(() => true).connector(connect) });
  return {
    dispatcher: plain,
    checkedDispatcher: checked,
    fetch: fetchThrough(plain),
    checkedFetch: fetchThrough(checked),
    close: async () => void (await Promise.all([plain.destroy(), checked.destroy()])),
  };
}

/** A model API that moves says so to its operator; a redirect would carry the question to whoever it names. */
function fetchThrough(dispatcher: Agent): typeof globalThis.fetch {
  // The SDKs are typed against the global fetch, undici against its own twin of the same classes.
  const fetch = (input: RequestInfo, init?: RequestInit) =>
    undiciFetch(input, { ...init, redirect: 'manual', dispatcher });
  return fetch as unknown as typeof globalThis.fetch;
}
