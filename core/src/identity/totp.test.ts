import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRecoveryCode, newRecoveryCodes, recoveryHashOf } from './recovery.ts';
import { base32, newTotpSecret, TOTP_STEP_SECONDS, totpAt, totpStepOf, totpUri } from './totp.ts';

/** RFC 6238, appendix B, SHA-1: the last six of eight digits. */
const RFC_SECRET = base32(Buffer.from('12345678901234567890'));
const VECTORS: [seconds: number, code: string][] = [
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
];

describe('TOTP', () => {
  it.each(VECTORS)('at %d seconds is %s, as in RFC 6238', (seconds, code) => {
    expect(totpAt(RFC_SECRET, seconds * 1000)).toBe(code);
    expect(totpStepOf(RFC_SECRET, code, seconds * 1000)).toBe(Math.floor(seconds / TOTP_STEP_SECONDS));
  });

  it('encodes secrets as RFC 4648 does', () => {
    expect(RFC_SECRET).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
    expect(base32(Buffer.from('foob'))).toBe('MZXW6YQ');
  });

  it('takes codes of one step before and after, and no others', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1e6, max: 4e9 }), fc.integer({ min: -4, max: 4 }), (seconds, steps) => {
        const secret = newTotpSecret();
        const code = totpAt(secret, (seconds + steps * TOTP_STEP_SECONDS) * 1000);
        const found = totpStepOf(secret, code, seconds * 1000);
        const present = Math.floor(seconds / TOTP_STEP_SECONDS);
        if (Math.abs(steps) <= 1) expect(Math.abs((found ?? Number.NaN) - present)).toBeLessThanOrEqual(1);
        // By chance a code may belong to a step nearby as well; a step far away is never named.
        else if (found !== undefined) expect(Math.abs(found - present)).toBeLessThanOrEqual(1);
      }),
    );
    const [at, code] = [1_234_567_890, '005924'];
    for (const steps of [-2, 2]) {
      expect(totpStepOf(RFC_SECRET, code, (at + steps * TOTP_STEP_SECONDS) * 1000)).toBeUndefined();
    }
    for (const wrong of ['', '00592', '0059244', '00592x', ' 005924']) {
      expect(totpStepOf(RFC_SECRET, wrong, at * 1000)).toBeUndefined();
    }
  });

  it('is told to apps by a URI that every name survives', () => {
    const uri = new URL(totpUri(RFC_SECRET, 'ann+ops@acme.example'));
    expect(uri.protocol).toBe('otpauth:');
    expect(decodeURIComponent(uri.pathname)).toContain('Parley:ann+ops@acme.example');
    expect(uri.searchParams.get('secret')).toBe(RFC_SECRET);
  });
});

describe('recovery codes', () => {
  it('are ten of 80 bits, found in any spelling, bound to their user', () => {
    const { codes, hashes } = newRecoveryCodes('u1');
    expect(new Set(codes).size).toBe(10);
    for (const [index, code] of codes.entries()) {
      expect(code).toMatch(/^[a-z2-7]{4}(-[a-z2-7]{4}){3}$/);
      expect(isRecoveryCode(code)).toBe(true);
      expect(recoveryHashOf('u1', code, hashes)).toBe(hashes[index]);
      expect(recoveryHashOf('u1', code.toUpperCase().replaceAll('-', ' '), hashes)).toBe(hashes[index]);
      expect(recoveryHashOf('u2', code, hashes)).toBeUndefined();
      expect(JSON.stringify(hashes)).not.toContain(code);
    }
    expect(isRecoveryCode('123456')).toBe(false);
  });
});
