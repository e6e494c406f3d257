import type { PlatformSimulator } from '../types.ts';
import type { ChatChange } from './chat-log.ts';

/** What the command line needs beyond the common interface: to print a chat as it happens. */
export interface ObservableSimulator extends PlatformSimulator {
  /** Calls back after every change of any chat; returns how to stop it. */
  onChange(listener: (change: ChatChange) => void): () => void;
}
