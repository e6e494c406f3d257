import { nowMs } from './clock.ts';
import type { LeanClient } from './lean-client.ts';
import { lastReference, referenceOf } from './reference.ts';

export interface CallSpec {
  path: string;
  key: string;
  stream: boolean;
  /** Requests at a time. */
  concurrency: number;
  seconds: number;
}

export interface CallResult {
  done: number;
  failed: number;
  elapsedMs: number;
  /** Milliseconds of each request, and until the first words of its answer. */
  tookMs: number[];
  firstMs: number[];
}

const KEPT = 50_000;

/** Asks an OpenAI-compatible API in a closed loop: the chat API of the hub, or a proxy. */
export async function callChatApi(spec: CallSpec, client: LeanClient): Promise<CallResult> {
  const result: CallResult = { done: 0, failed: 0, elapsedMs: 0, tookMs: [], firstMs: [] };
  const startedAt = nowMs();
  const endAt = startedAt + spec.seconds * 1000;
  let id = Math.floor(startedAt) % 1_000_000;

  function ask(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const content = `What is the state of ${referenceOf(++id)} today?`;
    const body = JSON.stringify({
      model: 'stub',
      messages: [{ role: 'user', content }],
      ...(spec.stream && { stream: true }),
    });
    const head = `POST ${spec.path} HTTP/1.1\r\nhost: hub\r\ncontent-type: application/json\r\nauthorization: Bearer ${spec.key}\r\n`;
    const sentAt = nowMs();
    let firstAt: number | undefined;
    client.request(
      `${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      ({ status }) => {
        if (status === 200 && firstAt !== undefined) {
          result.done++;
          if (result.tookMs.length < KEPT) {
            result.tookMs.push(nowMs() - sentAt);
            result.firstMs.push(firstAt - sentAt);
          }
        } else result.failed++;
        resolve();
      },
      (text) => {
        if (firstAt === undefined && lastReference(text) !== undefined) firstAt = nowMs();
      },
    );
    return promise;
  }

  async function worker(): Promise<void> {
    while (nowMs() < endAt) await ask();
  }
  await Promise.all(Array.from({ length: spec.concurrency }, worker));
  result.elapsedMs = nowMs() - startedAt;
  return result;
}
