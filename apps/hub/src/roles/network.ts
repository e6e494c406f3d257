import { isDeepStrictEqual } from 'node:util';
import type { ConfigSource, EntryKind, ModelConfig, Settings } from '@parley/core/config';
import { createNetwork, type Network } from '@parley/core/network';

/** Which connections are kept out of the own network: those to addresses that came from the console. */
export interface ConsoleNetwork {
  /** Whether a model's endpoints are the console's, or a draft's that nobody has saved. */
  isChecked(model: ModelConfig): boolean;
  /** For the sockets of a channel that runs. */
  of(channel: string): Network;
  /** For credentials that are tried out before they are saved; undefined where everything is allowed. */
  readonly drafts: Network | undefined;
}

export function createConsoleNetwork(
  config: Pick<ConfigSource, 'current' | 'originOf'>,
  { allowPrivateUrls }: Pick<Settings, 'allowPrivateUrls'>,
): ConsoleNetwork {
  const isFromConsole = (kind: EntryKind, id: string) => config.originOf(kind, id) === 'console';
  return {
    isChecked(model) {
      if (allowPrivateUrls) return false;
      const known = config.current.models.find(({ id }) => id === model.id);
      return isFromConsole('models', model.id) || !isDeepStrictEqual(known?.endpoints, model.endpoints);
    },
    of: (channel) => createNetwork(() => !allowPrivateUrls && isFromConsole('channels', channel)),
    drafts: allowPrivateUrls ? undefined : createNetwork(() => true),
  };
}
