/** What a continuation may repeat of the text before it; looked at until so much of it is there. */
const LOOK_CHARACTERS = 120;
/** A repetition shorter than this is chance: many words end as others begin. */
const MIN_CHARACTERS = 8;

/** Takes from a continuation what repeats the end of the text that is shown already, whatever the pieces are. */
export interface Joint {
  /** Returns what may be shown now. */
  push(text: string): string;
  end(): string;
}

export function createJoint(shown: string): Joint {
  let held = '';
  let isOpen = shown !== '';
  const release = () => {
    isOpen = false;
    const most = Math.min(held.length, shown.length);
    for (let length = most; length >= MIN_CHARACTERS; length--) {
      if (shown.endsWith(held.slice(0, length))) return held.slice(length);
    }
    return held;
  };
  return {
    push(text) {
      if (!isOpen) return text;
      held += text;
      return held.length >= LOOK_CHARACTERS ? release() : '';
    },
    end: () => (isOpen ? release() : ''),
  };
}
