import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gzipSync } from 'node:zlib';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createServer } from '../server.ts';
import { registerConsole } from './static.ts';

const HTML = { accept: 'text/html,*/*' };
const SCRIPT = 'console'.repeat(500);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-console-'));
  await mkdir(join(folder, 'dist/assets'), { recursive: true });
  await mkdir(join(folder, 'dist/.vite'));
  await writeFile(join(folder, 'secret.js'), 'outside');
  await writeFile(join(folder, 'dist/.vite/manifest.js'), 'the build’s own');
  await writeFile(join(folder, 'dist/index.html'), '<meta name="csp-nonce" content="%PARLEY_NONCE%">');
  await writeFile(join(folder, 'dist/favicon.svg'), '<svg/>');
  await writeFile(join(folder, 'dist/assets/app-1a2b.js'), SCRIPT);
  await writeFile(join(folder, 'dist/assets/app-1a2b.js.br'), brotliCompressSync(SCRIPT));
  await writeFile(join(folder, 'dist/assets/app-1a2b.js.gz'), gzipSync(SCRIPT));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function serve(publicUrl?: string, root = join(folder, 'dist')) {
  const server = createServer(pino({ level: 'silent' }));
  server.post('/webhooks/slack/:channel', () => 'ok');
  return { server, ...registerConsole(server, { root, publicUrl }) };
}

describe('the console over HTTP', () => {
  it('answers every page with index.html, a nonce of its own and the security headers', async () => {
    const { server, built } = serve('https://hub.example');
    expect(built).toBe(true);
    const nonces = new Set<string>();
    for (const url of ['/', '/channels/my.bot', '/index.html', '/conversations/acme/%2Fx?y=1']) {
      const { statusCode, headers, body } = await server.inject({ url, headers: HTML });
      expect(statusCode).toBe(200);
      const nonce = /content="([^"%]+)"/.exec(body)?.[1] ?? '';
      expect(headers['content-security-policy']).toContain(`style-src 'self' 'nonce-${nonce}'`);
      expect(headers['content-security-policy']).toContain("script-src 'self';");
      expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
      expect(headers['cache-control']).toContain('no-cache');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toBe('same-origin');
      expect(headers['strict-transport-security']).toContain('max-age');
      nonces.add(nonce);
    }
    expect(nonces.size).toBe(4);
  });

  it('is at / for everybody', async () => {
    const { server } = serve();
    for (const headers of [{}, { accept: '*/*' }, { accept: 'application/json' }]) {
      const { statusCode, body } = await server.inject({ url: '/', headers });
      expect(statusCode).toBe(200);
      expect(body).toContain('csp-nonce');
    }
  });

  it('sends assets for ever, compressed as the browser can', async () => {
    const { server } = serve();
    const get = (encoding: string) =>
      server.inject({ url: '/assets/app-1a2b.js', headers: { 'accept-encoding': encoding } });
    const br = await get('gzip, deflate, br');
    expect(br.headers['content-encoding']).toBe('br');
    expect(brotliDecompressSync(br.rawPayload).toString()).toBe(SCRIPT);
    expect(br.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(br.headers.vary).toBe('accept-encoding');
    expect(br.headers['strict-transport-security']).toBeUndefined();
    expect((await get('gzip')).headers['content-encoding']).toBe('gzip');
    const plain = await get('identity');
    expect(plain.headers['content-encoding']).toBeUndefined();
    expect(plain.body).toBe(SCRIPT);
  });

  it.each([
    '/api/admin/none',
    '/v1/none',
    '/webhooks/slack/x',
    '/health/none',
    '/metrics/none',
    '/.well-known/none',
    '/assets/gone-0000.js',
    '/assets/../../secret.js',
    '/assets/..%2f..%2fsecret.js',
    '/%2e%2e/secret.js',
    '/.vite/manifest.js',
  ])('does not serve %s', async (url) => {
    const { server } = serve();
    // Only what would be a page falls back to one, and never with a file's content.
    const { statusCode, body, headers } = await server.inject({ url });
    expect(statusCode).toBe(404);
    expect(body).toBe(JSON.stringify({ error: { code: 'not_found', message: 'Not found' } }));
    expect(headers['content-type']).toContain('application/json');
    const asBrowser = await server.inject({ url, headers: HTML });
    expect(asBrowser.body).not.toContain('outside');
  });

  it('keeps the 404 of today for other methods, for programs and below other people’s paths', async () => {
    const { server } = serve();
    for (const request of [
      { method: 'POST' as const, url: '/channels', headers: HTML },
      { method: 'GET' as const, url: '/channels' },
      { method: 'GET' as const, url: '/api/nothing', headers: HTML },
      { method: 'GET' as const, url: '/webhooks/slack/x', headers: HTML },
    ]) {
      const { statusCode, body } = await server.inject(request);
      expect(statusCode).toBe(404);
      expect(JSON.parse(body)).toEqual({ error: { code: 'not_found', message: 'Not found' } });
    }
  });

  it('tells a browser what to do when nothing is built', async () => {
    const { server, built } = serve(undefined, join(folder, 'nowhere'));
    expect(built).toBe(false);
    const { statusCode, body } = await server.inject({ url: '/', headers: HTML });
    expect(statusCode).toBe(503);
    expect(body).toContain('npm start');
    expect((await server.inject({ url: '/api/x', headers: HTML })).statusCode).toBe(404);
  });
});
