import { type SimRequest, type SimResponse, startServer } from './http-server.ts';

/** A stand-in for the hub: records what it is sent and answers as told. For tests of simulators. */
export interface TestHub {
  url: string;
  requests: SimRequest[];
  /** Resolves when `count` requests have come in. */
  received(count: number): Promise<SimRequest[]>;
  close(): Promise<void>;
}

/** Starts it; `answer` gets the request and its number (from 1), and answers 200 where it is left out. */
export async function startTestHub(
  answer: (request: SimRequest, number: number) => SimResponse | Promise<SimResponse> = () => ({}),
): Promise<TestHub> {
  const requests: SimRequest[] = [];
  let waiting: { count: number; resolve: () => void }[] = [];
  const server = await startServer({
    handle: async (request) => {
      requests.push(request);
      for (const one of waiting) if (requests.length >= one.count) one.resolve();
      waiting = waiting.filter((one) => requests.length < one.count);
      return answer(request, requests.length);
    },
  });
  return {
    url: server.url,
    requests,
    async received(count) {
      if (requests.length < count) {
        const { promise, resolve } = Promise.withResolvers<void>();
        waiting.push({ count, resolve });
        await promise;
      }
      return requests.slice(0, count);
    },
    close: server.close,
  };
}
