import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { constantTimeEqual, createSealer, fingerprint, loadMasterKey, MASTER_KEY_FILE, reseal } from './index.ts';

const sealer = createSealer(Buffer.alloc(32, 1));
const other = createSealer(Buffer.alloc(32, 2));
// Lone surrogates have no UTF-8 form, so they cannot be part of a secret.
const text = fc.string({ unit: 'binary' }).map((value) => value.toWellFormed());

describe('sealer', () => {
  it('opens what it sealed, for the same context only', () => {
    fc.assert(
      fc.property(text, text, text, (plain, context, elsewhere) => {
        const sealed = sealer.seal(plain, context);
        expect(sealed).toMatch(/^v1\.[0-9a-f]{8}\.[A-Za-z0-9_-]+$/);
        expect(sealer.open(sealed, context)).toBe(plain);
        if (elsewhere !== context) expect(() => sealer.open(sealed, elsewhere)).toThrow(/altered or belongs elsewhere/);
      }),
    );
  });

  it('never seals the same way twice, yet digests alike', () => {
    expect(sealer.seal('a', 'x')).not.toBe(sealer.seal('a', 'x'));
    expect(sealer.digest('a', 'x')).toBe(sealer.digest('a', 'x'));
    expect(sealer.digest('a', 'x')).not.toBe(sealer.digest('a', 'y'));
    expect(sealer.digest('a', 'x')).not.toBe(other.digest('a', 'x'));
  });

  it('notices any changed bit', () => {
    const sealed = sealer.seal('the secret', 'acme/channel/slack');
    const [version, keyId, body] = sealed.split('.');
    const bytes = Buffer.from(body ?? '', 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const altered = Buffer.from(bytes);
      altered.writeUInt8(altered.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      const text = `${version}.${keyId}.${altered.toString('base64url')}`;
      expect(() => sealer.open(text, 'acme/channel/slack')).toThrow(/altered/);
    }
  });

  it.each(['', 'v1', 'v1.aabbccdd.', 'v2.aabbccdd.AAAA', 'v1.aabbccdd.****', 'plain text'])('refuses %j', (sealed) => {
    expect(() => sealer.open(sealed, 'x')).toThrow(/sealed format/);
  });

  it('says which master key is needed', () => {
    const sealed = sealer.seal('secret', 'x');
    expect(() => other.open(sealed, 'x')).toThrow(
      new RegExp(`key ${sealer.keyId}, but this hub runs with ${other.keyId}`),
    );
  });

  it('reseals under a new key, once', () => {
    const moved = reseal(sealer.seal('secret', 'x'), 'x', sealer, other);
    expect(other.open(moved, 'x')).toBe('secret');
    expect(reseal(moved, 'x', sealer, other)).toBe(moved);
  });

  it('opens what is under another key that it was given, and seals under its own', () => {
    const both = createSealer(Buffer.alloc(32, 2), [Buffer.alloc(32, 1)]);
    expect(both.open(sealer.seal('secret', 'x'), 'x')).toBe('secret');
    expect(() => both.open(sealer.seal('secret', 'x'), 'y')).toThrow(/altered or belongs elsewhere/);
    expect(other.open(both.seal('secret', 'x'), 'x')).toBe('secret');
    expect(both.digest('a', 'x')).toBe(other.digest('a', 'x'));
    const third = createSealer(Buffer.alloc(32, 3));
    expect(() => both.open(third.seal('secret', 'x'), 'x')).toThrow(/but this hub runs with/);
  });

  it('takes 32 bytes only', () => {
    expect(() => createSealer(Buffer.alloc(16))).toThrow(/32 bytes/);
  });
});

describe('comparing', () => {
  it('tells equal from different, whatever the lengths', () => {
    expect(constantTimeEqual('abc', 'abc')).toBe(true);
    expect(constantTimeEqual('abc', 'abd')).toBe(false);
    expect(constantTimeEqual('abc', 'abcd')).toBe(false);
    expect(constantTimeEqual('', '')).toBe(true);
  });

  it('shows a short fingerprint', () => {
    expect(fingerprint('a secret')).toMatch(/^[0-9a-f]{8}$/);
    expect(fingerprint('a secret')).not.toBe(fingerprint('another'));
  });
});

describe('loadMasterKey', () => {
  let dataDir = '';
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'parley-key-'));
  });
  afterEach(() => rm(dataDir, { recursive: true }));

  it('prefers the environment', async () => {
    const key = randomBytes(32);
    const loaded = await loadMasterKey({ value: key.toString('base64'), dataDir, generate: true });
    expect(loaded.equals(key)).toBe(true);
    expect(await readdir(dataDir)).toEqual([]);
  });

  it('generates one key, even when many processes start at once', async () => {
    const fresh = join(dataDir, 'new');
    const keys = await Promise.all(Array.from({ length: 8 }, () => loadMasterKey({ dataDir: fresh, generate: true })));
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
    expect(await readdir(fresh)).toEqual([MASTER_KEY_FILE]);
    expect((await stat(join(fresh, MASTER_KEY_FILE))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(fresh, MASTER_KEY_FILE), 'utf8')).toBe(`${keys[0]?.toString('base64')}\n`);
  });

  it('explains a missing and a malformed key without showing it', async () => {
    await expect(loadMasterKey({ dataDir, generate: false })).rejects.toThrow(/PARLEY_MASTER_KEY is not set/);
    const value = 'too-short-secret';
    const failure = loadMasterKey({ value, dataDir, generate: true });
    await expect(failure).rejects.toThrow(/PARLEY_MASTER_KEY must be 32 bytes in base64/);
    await expect(failure).rejects.not.toThrow(value);
    await writeFile(join(dataDir, MASTER_KEY_FILE), 'broken');
    await expect(loadMasterKey({ dataDir, generate: true })).rejects.toThrow(/master\.key must be 32 bytes/);
  });
});
