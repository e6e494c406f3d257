import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNetwork, INNER_ADDRESS, isInnerAddress } from './index.ts';

describe('addresses of the own network', () => {
  test.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.31.255.255',
    '192.168.0.1',
    '169.254.169.254',
    '168.63.129.16',
    '100.100.100.200',
    '192.0.0.192',
    '100.64.0.1',
    '0.0.0.0',
    '255.255.255.255',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '0:0:0:0:0:ffff:a9fe:a9fe',
    '::ffff:0:127.0.0.1',
    'fd00:ec2::254',
    'fe80::1%eth0',
    '64:ff9b::a00:1',
    '2002:7f00:1::',
    'fe80::1',
    'fec0::1',
    'fd00::1',
    'not an address',
  ])('%s is one', (address) => {
    expect(isInnerAddress(address)).toBe(true);
  });

  test.each(['8.8.8.8', '172.32.0.1', '1.1.1.1', '2606:4700::1111', '2001:4860:4860::8888', '::ffff:8.8.8.8'])(
    '%s is none',
    (address) => {
      expect(isInnerAddress(address)).toBe(false);
    },
  );
});

describe('a connection', () => {
  let server: Server;
  let port: number;
  const seen: string[] = [];
  beforeAll(async () => {
    server = createServer((message, response) => {
      seen.push(message.url ?? '');
      response.end('here');
    });
    await new Promise<void>((resolve) => server.listen(0, '::', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => server.close());

  /** The names resolve as on any machine; the others need no resolving. */
  const HOSTS = ['localhost', '127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0'];

  const ways = {
    async undici(url: string, isChecked: () => boolean) {
      const dispatcher = new Agent({ connect: createNetwork(isChecked).connector({}) });
      const answer = request(url, { dispatcher }).then(({ body }) => body.text());
      return answer.finally(() => dispatcher.destroy());
    },
    'node:http': (url: string, isChecked: () => boolean) =>
      new Promise<string>((resolve, reject) => {
        const agent = createNetwork(isChecked).agent('http:', {});
        get(url, { agent }, (response) => response.setEncoding('utf8').on('data', resolve)).on('error', reject);
      }),
  };

  describe.each(Object.entries(ways))('of %s', (name, ask) => {
    test.each(HOSTS)('to %s is not made, and made where nothing is checked', async (host) => {
      const url = (path: string) => `http://${host}:${port}/${path}`;
      await expect(ask(url(`${name} refused`), () => true)).rejects.toMatchObject({ code: INNER_ADDRESS });
      expect(await ask(url(`${name} allowed`), () => false)).toBe('here');
      expect(seen.filter((path) => path.includes('refused'))).toEqual([]);
    });
  });

  test('is checked when it is made, whatever was said before', async () => {
    let isChecked = false;
    const dispatcher = new Agent({ connect: createNetwork(() => isChecked).connector({}), pipelining: 0 });
    const ask = () => request(`http://localhost:${port}/`, { dispatcher }).then(({ body }) => body.text());
    expect(await ask()).toBe('here');
    isChecked = true;
    await expect(ask()).rejects.toMatchObject({ code: INNER_ADDRESS });
    await dispatcher.destroy();
  });

  test('to a host that nobody knows fails as always', async () => {
    await expect(ways.undici('http://nowhere.invalid/', () => true)).rejects.not.toMatchObject({ code: INNER_ADDRESS });
  });
});
