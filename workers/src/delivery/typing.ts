import type { Adapter, ReplyTarget } from '@parley/core/adapter';

/** Shows the typing indicator until the returned function is called. It never fails and is never waited for. */
export function showTyping(adapter: Adapter, target: ReplyTarget): () => void {
  if (!adapter.startTyping) return () => {};
  let stopped = false;
  let handle: Promise<unknown> = Promise.resolve();
  const show = () => {
    handle = handle.then(() => (stopped ? undefined : adapter.startTyping?.(target))).catch(() => undefined);
  };
  show();
  const timer = adapter.typingIntervalMs ? setInterval(show, adapter.typingIntervalMs) : undefined;

  return () => {
    stopped = true;
    clearInterval(timer);
    void handle
      .then((shown) => (shown === undefined ? undefined : adapter.stopTyping?.(target, shown)))
      .catch(() => undefined);
  };
}
