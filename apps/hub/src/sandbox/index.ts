import { existsSync } from 'node:fs';
import type { HubCore } from '../roles/core.ts';
import { SANDBOX_PROGRAM, startSandboxProcess } from './process.ts';
import { createSandbox, type RunningSandbox } from './sandbox.ts';

/** The sandbox of this process; undefined where it is turned off, or where its program was not installed. */
export function createHubSandbox(
  { settings, config, logger, onConfigChange }: HubCore,
  hubUrl: () => string,
): RunningSandbox | undefined {
  if (!settings.sandbox) return undefined;
  if (!existsSync(SANDBOX_PROGRAM)) {
    logger.info('there is no sandbox: this installation has no simulators');
    return undefined;
  }
  const sandbox = createSandbox({ launch: () => startSandboxProcess(logger), config, hubUrl, logger });
  onConfigChange(() => sandbox.configChanged());
  return sandbox;
}
