import { useEffect } from 'react';
import { API_ROOT } from './client.ts';
import { useRefresh } from './hooks.ts';

/** What each event of the hub makes stale. */
const STALE: Record<string, readonly string[]> = {
  message: ['/conversations', '/sandbox'],
  turn: ['/turns', '/conversations', '/overview', '/dead-letters', '/quota'],
  config: ['/tenants', '/channels', '/models', '/settings', '/config', '/api-keys', '/me'],
  health: ['/models', '/channels', '/overview', '/system'],
};

/** Events come in bursts; a page asks again at most so often. */
const GATHER_MS = 1_000;

/** Keeps what is on the screen up to date by the hub's server-sent events. The browser reconnects by itself. */
export function useLiveUpdates(): void {
  const refresh = useRefresh();
  useEffect(() => {
    const stale = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const source = new EventSource(`${API_ROOT}/events`);
    const flush = () => {
      timer = undefined;
      const paths = [...stale];
      stale.clear();
      void refresh(paths);
    };
    for (const [name, paths] of Object.entries(STALE)) {
      source.addEventListener(name, () => {
        for (const path of paths) stale.add(path);
        timer ??= setTimeout(flush, GATHER_MS);
      });
    }
    return () => {
      source.close();
      clearTimeout(timer);
    };
  }, [refresh]);
}
