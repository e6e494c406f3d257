import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const ACCESS_KEY = 'AKIDEXAMPLE';
export const SECRET_KEY = 'simulated/secret+key';

const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest('hex');
const hmac = (key: Buffer | string, data: string) => createHmac('sha256', key).update(data).digest();

/** An object store that speaks as much of S3 as backups need, and takes only requests whose signature (version 4) is right. */
export async function startS3(bucket: string) {
  const objects = new Map<string, Buffer>();
  const requests: string[] = [];
  /** Fails this many requests to come, as a store that is busy. */
  let failures = 0;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const url = new URL(request.url ?? '', 'http://s3');
    requests.push(`${request.method} ${url.pathname}`);
    const say = (status: number, code: string) =>
      response.writeHead(status, { 'content-type': 'application/xml' }).end(`<Error><Code>${code}</Code></Error>`);
    if (failures > 0) {
      failures--;
      return void say(503, 'SlowDown');
    }
    if (!isSigned(request, url, body)) return void say(403, 'SignatureDoesNotMatch');
    const [, named = '', ...path] = decodeURIComponent(url.pathname).split('/');
    if (named !== bucket) return void say(404, 'NoSuchBucket');
    const key = path.join('/');
    if (request.method === 'GET' && key === '') return void response.end(listing(url.searchParams));
    if (request.method === 'PUT') {
      objects.set(key, body);
      return void response.writeHead(200, { etag: '"x"' }).end();
    }
    if (request.method === 'DELETE') {
      objects.delete(key);
      return void response.writeHead(204).end();
    }
    const found = objects.get(key);
    if (!found) return void say(404, 'NoSuchKey');
    response.writeHead(200, { 'content-length': found.length }).end(found);
  }

  /** Two at a time, so that whoever lists has to ask for more. */
  function listing(query: URLSearchParams): string {
    const prefix = query.get('prefix') ?? '';
    const after = query.get('continuation-token') ?? '';
    const names = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
    const folded = names.map((key) => {
      const end = query.get('delimiter') === '/' ? key.indexOf('/', prefix.length) : -1;
      return end < 0 ? key : key.slice(0, end + 1);
    });
    const all = [...new Set(folded)].filter((name) => name > after);
    const page = all.slice(0, 2);
    const entries = page.map((name) =>
      name.endsWith('/')
        ? `<CommonPrefixes><Prefix>${name}</Prefix></CommonPrefixes>`
        : `<Contents><Key>${name}</Key></Contents>`,
    );
    const more = all.length > 2;
    const next = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
    return `<?xml version="1.0"?><ListBucketResult><IsTruncated>${more}</IsTruncated>${next}${entries.join('')}</ListBucketResult>`;
  }

  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    objects,
    requests,
    fail(count: number) {
      failures = count;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
function isSigned(request: IncomingMessage, url: URL, body: Buffer): boolean {
  const { authorization = '', 'x-amz-date': date = '', 'x-amz-content-sha256': hash = '' } = request.headers;
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8}\/([\w-]+)\/s3\/aws4_request), SignedHeaders=([\w;-]+), Signature=([0-9a-f]{64})$/.exec(
      authorization,
    );
  if (!match) return false;
  const [, accessKey, scope = '', region = '', signedHeaders = '', signature] = match;
  if (accessKey !== ACCESS_KEY || hash !== sha256(body) || !signedHeaders.split(';').includes('host')) return false;
  const encode = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const query = [...url.searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`).sort();
  const headers = signedHeaders.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
  const path = url.pathname
    .split('/')
    .map((part) => encode(decodeURIComponent(part)))
    .join('/');
  const canonical = [request.method, path, query.join('&'), headers.join(''), signedHeaders, hash].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  const day = hmac(`AWS4${SECRET_KEY}`, scope.slice(0, 8));
  const signingKey = hmac(hmac(hmac(day, region), 's3'), 'aws4_request');
  return hmac(signingKey, toSign).toString('hex') === signature;
}
