const RENEW_MS = 1_500;

export interface Leases {
  keep(key: string, owner: string): void;
  drop(owner: string): void;
}

/** Renews leases as long as they are held; one timer for all of them, and none while there are none. */
export function keepLeases(renew: (key: string, owner: string) => void): Leases {
  const held = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;
  return {
    keep(key: string, owner: string): void {
      held.set(owner, key);
      timer ??= setInterval(() => {
        for (const [of, what] of held) renew(what, of);
      }, RENEW_MS).unref();
    },
    drop(owner: string): void {
      held.delete(owner);
      if (held.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    },
  };
}
