import type { Logger as SdkLogger } from '@larksuiteoapi/node-sdk';
import type { AdapterDeps } from '@parley/core/adapter';

const MAX_LENGTH = 300;

/**
 * The SDK's log lines as debug lines of ours. Only texts and the messages of errors get through: the SDK also logs
 * whole requests, connection addresses with tickets, and at its lower levels what people wrote. What fails reaches the
 * caller as an error anyway.
 */
export function sdkLogger(logger: AdapterDeps['logger']): SdkLogger {
  const write = (...parts: unknown[]) => {
    const words = parts
      .flat(2)
      .map((part) => (part instanceof Error ? part.message : typeof part === 'string' ? part : ''));
    logger.debug(
      {
        sdk: words
          .filter(Boolean)
          .join(' ')
          .replace(/\w+:\/\/\S+/g, '[address]')
          .slice(0, MAX_LENGTH),
      },
      'feishu sdk',
    );
  };
  const silent = () => undefined;
  return { error: write, warn: write, info: silent, debug: silent, trace: silent };
}
