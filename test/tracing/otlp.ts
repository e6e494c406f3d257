/** A span as a collector gets it, whichever encoding it came in. */
export interface CollectedSpan {
  service: string;
  traceId: string;
  spanId: string;
  /** Empty: the first of its trace. */
  parentSpanId: string;
  name: string;
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  kind: number;
  startMs: number;
  endMs: number;
  attributes: Record<string, unknown>;
  links: { traceId: string; spanId: string }[];
  isError: boolean;
}

type Value = { [kind: string]: unknown };
type KeyValue = { key: string; value: Value };
interface JsonSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes?: KeyValue[];
  links?: { traceId: string; spanId: string }[];
  status?: { code?: number };
}
interface JsonRequest {
  resourceSpans: { resource: { attributes: KeyValue[] }; scopeSpans: { spans: JsonSpan[] }[] }[];
}

/** Reads an ExportTraceServiceRequest. https://github.com/open-telemetry/opentelemetry-proto */
export function decodeTraces(contentType: string, body: Buffer): CollectedSpan[] {
  const request = contentType.includes('json') ? (JSON.parse(body.toString()) as JsonRequest) : requestOf(body);
  return request.resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(plain(resource.attributes)['service.name']);
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => collected(span, service)));
  });
}

function collected(span: JsonSpan, service: string): CollectedSpan {
  const { traceId, spanId, parentSpanId = '', name, kind, attributes = [], links = [], status } = span;
  return {
    service,
    traceId,
    spanId,
    parentSpanId,
    name,
    kind,
    startMs: Number(span.startTimeUnixNano) / 1e6,
    endMs: Number(span.endTimeUnixNano) / 1e6,
    attributes: plain(attributes),
    links: links.map((link) => ({ traceId: link.traceId, spanId: link.spanId })),
    isError: status?.code === 2,
  };
}

function plain(attributes: KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]));
}

function plainValue(value: Value): unknown {
  const [kind = '', inner] = Object.entries(value)[0] ?? [];
  if (kind === 'arrayValue') return (inner as { values: Value[] }).values.map(plainValue);
  return kind === 'intValue' ? Number(inner) : inner;
}

type Fields = Map<number, (Buffer | bigint)[]>;

/** The wire format: a field's number and type, then a varint, eight bytes, or a length and as many bytes. */
function fieldsOf(bytes: Buffer): Fields {
  const fields: Fields = new Map();
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number) => {
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const type = tag & 7;
    const value = type === 0 ? varint() : take(type === 1 ? 8 : type === 5 ? 4 : Number(varint()));
    fields.set(tag >> 3, [...(fields.get(tag >> 3) ?? []), value]);
  }
  return fields;
}

const all = (fields: Fields, number: number) => (fields.get(number) ?? []) as Buffer[];
const one = (fields: Fields, number: number) => all(fields, number)[0] ?? Buffer.alloc(0);
const number = (fields: Fields, field: number) => Number((fields.get(field)?.[0] as bigint | undefined) ?? 0n);

function requestOf(body: Buffer): JsonRequest {
  return {
    resourceSpans: all(fieldsOf(body), 1).map((bytes) => {
      const fields = fieldsOf(bytes);
      return {
        resource: { attributes: all(fieldsOf(one(fields, 1)), 1).map(keyValueOf) },
        scopeSpans: all(fields, 2).map((scope) => ({ spans: all(fieldsOf(scope), 2).map(spanOf) })),
      };
    }),
  };
}

function spanOf(bytes: Buffer): JsonSpan {
  const fields = fieldsOf(bytes);
  const time = (field: number) => one(fields, field).readBigUInt64LE().toString();
  return {
    traceId: one(fields, 1).toString('hex'),
    spanId: one(fields, 2).toString('hex'),
    parentSpanId: one(fields, 4).toString('hex'),
    name: one(fields, 5).toString(),
    kind: number(fields, 6),
    startTimeUnixNano: time(7),
    endTimeUnixNano: time(8),
    attributes: all(fields, 9).map(keyValueOf),
    links: all(fields, 13).map((link) => {
      const inside = fieldsOf(link);
      return { traceId: one(inside, 1).toString('hex'), spanId: one(inside, 2).toString('hex') };
    }),
    status: { code: number(fieldsOf(one(fields, 15)), 3) },
  };
}

function keyValueOf(bytes: Buffer): KeyValue {
  const fields = fieldsOf(bytes);
  return { key: one(fields, 1).toString(), value: anyValueOf(one(fields, 2)) };
}

function anyValueOf(bytes: Buffer): Value {
  const fields = fieldsOf(bytes);
  if (fields.has(1)) return { stringValue: one(fields, 1).toString() };
  if (fields.has(2)) return { boolValue: number(fields, 2) === 1 };
  if (fields.has(4)) return { doubleValue: one(fields, 4).readDoubleLE() };
  if (fields.has(5)) return { arrayValue: { values: all(fieldsOf(one(fields, 5)), 1).map(anyValueOf) } };
  return { intValue: number(fields, 3) };
}
