import type { Provider } from './types.ts';

export interface LazyProvider extends Provider {
  /** So that the first question does not wait for it. */
  load(): Promise<void>;
}

/**
 * A provider that is made when it is first asked, or when `load` says so: an SDK is some 240 files, and most hubs use
 * one of them.
 */
export function lazyProvider(make: () => Promise<Provider>): LazyProvider {
  let made: Provider | undefined;
  let making: Promise<Provider> | undefined;

  async function provider(): Promise<Provider> {
    making ??= make();
    made = await making;
    return made;
  }

  return {
    async load() {
      await provider();
    },
    // Once it is there, nothing stands between the caller and the stream.
    stream: (request, call) => made?.stream(request, call) ?? streamOf(provider, request, call),
  };
}

async function* streamOf(
  provider: () => Promise<Provider>,
  ...question: Parameters<Provider['stream']>
): ReturnType<Provider['stream']> {
  yield* (await provider()).stream(...question);
}
