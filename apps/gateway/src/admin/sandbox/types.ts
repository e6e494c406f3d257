import type { SandboxPlatform, SandboxSay, SandboxStatus, SandboxView } from './schemas.ts';

/**
 * Simulated platforms that a person can talk in without any account. Its channels are in the running configuration while
 * it is on; everything goes through the hub's own webhooks.
 */
export interface Sandbox {
  status(): SandboxStatus;
  /** The tenant it is in, or would be; undefined where it would bring its own. */
  tenant(): string | undefined;
  /** Begins to start it, if it is off; `status` tells how that goes. */
  start(): void;
  /** Resolves when its channels are gone and its process has ended. */
  stop(): Promise<void>;
  /** @throws ParleyError `conflict` while it is off, `not_found`, `unavailable` */
  view(platform: SandboxPlatform, chat: string): Promise<SandboxView>;
  /** @throws ParleyError as `view`, or `invalid_request` that names the field */
  say(platform: SandboxPlatform, chat: string, input: SandboxSay): Promise<{ id: string }>;
}
