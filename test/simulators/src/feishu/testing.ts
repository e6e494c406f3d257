import { Client } from '@larksuiteoapi/node-sdk';
import { vi } from 'vitest';
import { type SimRequest, type SimResponse, type SimServer, startServer } from '../shared/index.ts';
import type { FeishuSimulator } from './types.ts';

const quiet = () => undefined;
/** Keeps the SDK from printing the errors that tests provoke. */
export const silentLogger = { error: quiet, warn: quiet, info: quiet, debug: quiet, trace: quiet };

/** Waits until `check` passes; long enough for a busy machine. */
export const eventually = (check: () => void): Promise<void> => vi.waitFor(check, 10_000);

/** The official client, pointed at a simulator. */
export function sdkClient(simulator: FeishuSimulator, appSecret?: string): Client {
  return new Client({
    appId: simulator.appId,
    appSecret: appSecret ?? simulator.credentials.app_secret ?? '',
    domain: simulator.url,
    logger: silentLogger,
    // The SDK's default cache lives as long as the process and would keep tokens a test has made invalid.
    cache: { get: async () => undefined, set: async () => true },
  });
}

/** The platform's answer inside the SDK's exception. */
export async function refusalOf(call: Promise<unknown>): Promise<{ status: number; code: number; msg: string }> {
  try {
    await call;
  } catch (error) {
    const { response } = error as { response?: { status: number; data: { code: number; msg: string } } };
    if (response === undefined) throw error;
    return { status: response.status, code: response.data.code, msg: response.data.msg };
  }
  throw new Error('The call was expected to fail.');
}

export interface TestHub extends SimServer {
  requests: SimRequest[];
}

/** A hub that keeps every request and answers as it is told. */
export async function startHub(answer: (request: SimRequest, count: number) => SimResponse): Promise<TestHub> {
  const requests: SimRequest[] = [];
  const server = await startServer({
    handle: async (request) => {
      requests.push(request);
      return answer(request, requests.length);
    },
  });
  return { ...server, requests };
}
