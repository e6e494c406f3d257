import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CollectedSpan, decodeTraces } from './otlp.ts';

export interface Collector {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  url: string;
  spans: CollectedSpan[];
  /** Content types that came. */
  encodings: Set<string>;
  /** Every byte that came, as text: for what must not be in it. */
  readonly text: string;
  of(traceId: string): CollectedSpan[];
  /** Leaves requests without an answer until the returned function is called. */
  hang(): () => void;
  close(): Promise<void>;
}

/** An OTLP collector over HTTP, as far as traces go. */
export async function startCollector(): Promise<Collector> {
  const spans: CollectedSpan[] = [];
  const encodings = new Set<string>();
  const bodies: Buffer[] = [];
  let held: ServerResponse[] | undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const type = request.headers['content-type'] ?? '';
      if (request.url !== '/v1/traces' || request.method !== 'POST') return void response.writeHead(404).end();
      bodies.push(body);
      encodings.add(type);
      spans.push(...decodeTraces(type, body));
      if (held) held.push(response);
      else response.writeHead(200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    encodings,
    get text() {
      return Buffer.concat(bodies).toString('latin1');
    },
    of: (traceId) => spans.filter((span) => span.traceId === traceId),
    hang() {
      held = [];
      return () => {
        for (const response of held ?? []) response.writeHead(200).end();
        held = undefined;
      };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
