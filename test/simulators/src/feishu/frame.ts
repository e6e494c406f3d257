/**
 * The `Frame` message of package `pbbp2` that both ends of a long connection exchange. The SDK has the generated codec
 * (es/index.js, `pbbp2.Frame`) but does not export it; writing this one by hand also keeps the two independent.
 */
export interface Frame {
  /** Field 1 and 2, uint64, required. */
  seqId: number;
  logId: number;
  /** Field 3, int32, required: the service id of the connect URL. */
  service: number;
  /** Field 4, int32, required: 0 control (ping, pong), 1 data (events). */
  method: number;
  /** Field 5, repeated message of two strings. */
  headers: Record<string, string>;
  /** Field 8, bytes. */
  payload?: Uint8Array;
}

export const FRAME_CONTROL = 0;
export const FRAME_DATA = 1;

const WIRE_VARINT = 0;
const WIRE_BYTES = 2;

export function encodeFrame(frame: Frame): Buffer {
  const parts = [
    integer(1, frame.seqId),
    integer(2, frame.logId),
    integer(3, frame.service),
    integer(4, frame.method),
    ...Object.entries(frame.headers).map(([key, value]) =>
      bytes(5, Buffer.concat([bytes(1, Buffer.from(key)), bytes(2, Buffer.from(value))])),
    ),
  ];
  if (frame.payload !== undefined) parts.push(bytes(8, frame.payload));
  return Buffer.concat(parts);
}

/** Throws on a frame that is cut off or lacks a required field. */
export function decodeFrame(buffer: Uint8Array): Frame {
  const frame: Frame = { seqId: 0, logId: 0, service: 0, method: 0, headers: {} };
  const headers: [string, string][] = [];
  const seen = new Set<number>();
  for (const { field, value } of fields(buffer)) {
    seen.add(field);
    if (typeof value === 'bigint') {
      if (field === 1) frame.seqId = Number(value);
      if (field === 2) frame.logId = Number(value);
      if (field === 3) frame.service = Number(BigInt.asIntN(32, value));
      if (field === 4) frame.method = Number(BigInt.asIntN(32, value));
    } else if (field === 5) {
      const [key = '', said = ''] = [...fields(value)].map((part) =>
        typeof part.value === 'bigint' ? '' : text(part.value),
      );
      headers.push([key, said]);
    } else if (field === 8) {
      frame.payload = value;
    }
  }
  for (const required of [1, 2, 3, 4]) {
    if (!seen.has(required)) throw new Error(`Frame without its required field ${required}.`);
  }
  // As entries: a header may be called `__proto__`.
  return { ...frame, headers: Object.fromEntries(headers) };
}

function* fields(buffer: Uint8Array): Generator<{ field: number; value: bigint | Uint8Array }> {
  let position = 0;

  function varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = buffer[position++];
      if (byte === undefined) break;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new Error('Frame is cut off in a number.');
  }

  while (position < buffer.length) {
    const tag = Number(varint());
    const field = tag >>> 3;
    const wireType = tag & 7;
    if (wireType === WIRE_VARINT) {
      yield { field, value: varint() };
    } else if (wireType === WIRE_BYTES) {
      const length = Number(varint());
      if (position + length > buffer.length) throw new Error('Frame is cut off in a field.');
      yield { field, value: buffer.subarray(position, position + length) };
      position += length;
    } else {
      throw new Error(`Frame has a field of wire type ${wireType}.`);
    }
  }
}

function integer(field: number, value: number): Buffer {
  return Buffer.concat([varint((field << 3) | WIRE_VARINT), varint(value)]);
}

function bytes(field: number, value: Uint8Array): Buffer {
  return Buffer.concat([varint((field << 3) | WIRE_BYTES), varint(value.length), value]);
}

function varint(value: number): Buffer {
  // Protobuf writes a negative int32 as its 64-bit two's complement.
  let rest = BigInt.asUintN(64, BigInt(value));
  const out: number[] = [];
  while (rest >= 0x80n) {
    out.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  out.push(Number(rest));
  return Buffer.from(out);
}

function text(value: Uint8Array): string {
  return Buffer.from(value).toString('utf8');
}
