import { connect } from 'node:net';

export interface RawAnswer {
  status: number;
  /** As they came, one a line. */
  head: string;
  body: string;
}

/**
 * Sends a request exactly as it is written: `fetch` and URL parsers tidy paths and refuse headers before the server ever
 * sees them.
 *
 * @param headers whole lines, such as `accept: text/html`
 */
export function sendRaw(hubUrl: string, method: string, target: string, headers: string[] = []): Promise<RawAnswer> {
  const { hostname, port } = new URL(hubUrl);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname, () => {
      socket.write(
        [`${method} ${target} HTTP/1.1`, 'host: hub.example', 'connection: close', ...headers, '', ''].join('\r\n'),
        'latin1',
      );
    });
    socket.on('data', (chunk) => void chunks.push(chunk));
    socket.once('error', reject);
    socket.once('close', () => {
      const [head = '', ...rest] = Buffer.concat(chunks).toString('latin1').split('\r\n\r\n');
      resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), head, body: rest.join('\r\n\r\n') });
    });
  });
}
