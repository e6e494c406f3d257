import { createRequire } from 'node:module';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFrame, encodeFrame } from './frame.ts';

interface SdkFrame {
  SeqID: number;
  LogID: number;
  service: number;
  method: number;
  headers: { key: string; value: string }[];
  payload: Uint8Array;
}

/** The SDK's generated codec, which it registers as a protobufjs root when it is loaded. */
function sdkCodec(): { encode(frame: SdkFrame): { finish(): Uint8Array }; decode(bytes: Uint8Array): SdkFrame } {
  const require = createRequire(import.meta.url);
  const sdk = require.resolve('@larksuiteoapi/node-sdk');
  require(sdk);
  const { roots } = createRequire(sdk)('protobufjs/minimal');
  return roots.default.pbbp2.Frame;
}

const frames = fc.record({
  seqId: fc.nat(),
  logId: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  service: fc.integer(),
  method: fc.constantFrom(0, 1),
  headers: fc.dictionary(fc.string({ minLength: 1 }), fc.string(), { noNullPrototype: true }),
  payload: fc.uint8Array({ maxLength: 500 }),
});

describe('frame codec', () => {
  it('writes what the SDK reads', () => {
    const sdk = sdkCodec();
    fc.assert(
      fc.property(frames, (frame) => {
        const read = sdk.decode(encodeFrame(frame));
        expect([read.SeqID, read.LogID, read.service, read.method]).toEqual([
          frame.seqId,
          frame.logId,
          frame.service,
          frame.method,
        ]);
        expect(read.headers.map(({ key, value }) => [key, value])).toEqual(Object.entries(frame.headers));
        expect([...read.payload]).toEqual([...frame.payload]);
      }),
    );
  });

  it('reads what the SDK writes', () => {
    const sdk = sdkCodec();
    fc.assert(
      fc.property(frames, (frame) => {
        const headers = Object.entries(frame.headers).map(([key, value]) => ({ key, value }));
        const { seqId: SeqID, logId: LogID, service, method, payload } = frame;
        const read = decodeFrame(sdk.encode({ SeqID, LogID, service, method, headers, payload }).finish());
        expect({ ...read, payload: [...(read.payload ?? [])] }).toEqual({ ...frame, payload: [...frame.payload] });
      }),
    );
  });

  it('refuses frames that are cut off', () => {
    const whole = encodeFrame({ seqId: 1, logId: 2, service: 3, method: 1, headers: { type: 'event' } });
    expect(() => decodeFrame(whole.subarray(0, whole.length - 3))).toThrow('cut off');
    expect(() => decodeFrame(whole.subarray(0, 4))).toThrow('required field 3');
  });
});
