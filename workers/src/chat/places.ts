/** Places for conversations that are answered at a time. Who comes first gets the next one that is free. */
export interface Places {
  /** Resolves with whether there was a place within `patienceMs`; who has it leaves it by `leave`. */
  enter(patienceMs: number): Promise<boolean>;
  /**
   * Runs `begin` in a place of its own, now or as soon as there is one within `patienceMs`, else `giveUp`. False: too many
   * wait already, and neither will be called.
   */
  offer(begin: () => void, giveUp: () => void, patienceMs: number): boolean;
  leave(): void;
  /** Whoever waits gives up now. */
  clear(): void;
}

interface Waiting {
  begin: () => void;
  giveUp: () => void;
  isOffer: boolean;
  timer?: NodeJS.Timeout;
}

/** @param limit places, and how many may wait by `offer` for one */
export function createPlaces(limit: number): Places {
  const waiting = new Set<Waiting>(); // in order of arrival; bounded by what BullMQ fetches at a time, and by the limit
  let offered = 0;
  let taken = 0;

  function tryTake(): boolean {
    if (taken >= limit) return false;
    taken++;
    return true;
  }

  function wait(one: Waiting, patienceMs: number): void {
    if (one.isOffer) offered++;
    one.timer = setTimeout(() => fallAway(one), patienceMs);
    waiting.add(one);
  }

  function forget(one: Waiting): void {
    if (one.isOffer) offered--;
    clearTimeout(one.timer);
    waiting.delete(one);
  }

  function fallAway(one: Waiting): void {
    forget(one);
    one.giveUp();
  }

  return {
    async enter(patienceMs) {
      if (tryTake()) return true;
      return new Promise((resolve) => {
        wait({ begin: () => resolve(true), giveUp: () => resolve(false), isOffer: false }, patienceMs);
      });
    },
    offer(begin, giveUp, patienceMs) {
      if (tryTake()) begin();
      else if (offered >= limit) return false;
      else wait({ begin, giveUp, isOffer: true }, patienceMs);
      return true;
    },
    leave() {
      const [next] = waiting;
      if (!next) {
        taken--;
        return;
      }
      forget(next);
      next.begin();
    },
    clear() {
      for (const one of waiting) fallAway(one);
    },
  };
}
