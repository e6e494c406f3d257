/** A role at work in this process. */
export interface RunningRole {
  /** Stops accepting, finishes or hands back what is in flight, frees everything of its own. */
  drain(deadlineMs: number): Promise<void>;
  /** Where it listens. */
  url?: string;
}
