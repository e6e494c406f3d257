const RENEW_MS = 1_500;

export interface Renewal {
  begin(key: string, owner: string): void;
  end(owner: string): void;
}

/** Renews leases as long as they are held; one timer for all of them, and none while there are none. */
export function createRenewal(renew: (key: string, owner: string) => void): Renewal {
  const held = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;
  return {
    begin(key: string, owner: string): void {
      held.set(owner, key);
      timer ??= setInterval(() => {
        for (const [of, what] of held) renew(what, of);
      }, RENEW_MS).unref();
    },
    end(owner: string): void {
      held.delete(owner);
      if (held.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    },
  };
}
