import fc from 'fast-check';
import { Stream } from 'openai/core/streaming';
import { expect, test } from 'vitest';
import { createEventStreamReader } from './event-stream.ts';

function readInPieces(bytes: Uint8Array, cuts: number[]): string[] {
  const reader = createEventStreamReader();
  const found: string[] = [];
  let start = 0;
  for (const cut of [...cuts.map((each) => each % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
    found.push(...reader.push(bytes.subarray(start, cut)).map(({ data }) => data));
    start = cut;
  }
  found.push(...reader.end().map(({ data }) => data));
  return found;
}

/** What the official client makes of the same bytes. */
async function readWithClient(bytes: Uint8Array): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const item of Stream.fromSSEResponse(new Response(Buffer.from(bytes)), new AbortController())) {
    found.push(item);
  }
  return found;
}

const lineEnd = fc.constantFrom('\n', '\r\n');
const event = fc.record({
  said: fc.string({ unit: 'binary', maxLength: 20 }),
  comment: fc.option(fc.string({ unit: 'grapheme-ascii', maxLength: 10 })),
  hasSpace: fc.boolean(),
  name: fc.option(fc.constant('message')),
});

test('reads what the official client reads, however the bytes are cut', async () => {
  const property = fc.asyncProperty(
    fc.array(event, { maxLength: 6 }),
    lineEnd,
    fc.array(fc.nat(2000), { maxLength: 8 }),
    fc.boolean(),
    async (events, end, cuts, isWhole) => {
      const text = events
        .map(({ said, comment, hasSpace, name }) =>
          [
            ...(comment === null ? [] : [`: ${comment}`]),
            ...(name === null ? [] : [`event: ${name}`]),
            `data:${hasSpace ? ' ' : ''}${JSON.stringify({ said: said.toWellFormed() })}`,
            '',
            '',
          ].join(end),
        )
        .join('');
      const whole = isWhole ? text : text.trimEnd();
      const bytes = new TextEncoder().encode(whole);
      expect(readInPieces(bytes, cuts).map((data) => JSON.parse(data))).toEqual(await readWithClient(bytes));
    },
  );
  await fc.assert(property, { numRuns: 200 });
});

test('several data lines are one text; a name goes with its event only', () => {
  const reader = createEventStreamReader();
  const text = 'event: error\ndata: {\ndata: }\n\ndata: 1\n\n';
  expect(reader.push(Buffer.from(text))).toEqual([
    { event: 'error', data: '{\n}' },
    { event: undefined, data: '1' },
  ]);
});

test('an event that does not end is refused, in one line or in many', () => {
  const piece = Buffer.from('x'.repeat(1024 * 1024));
  const endless = (before: string) => {
    const reader = createEventStreamReader();
    for (let i = 0; i < 20; i++) {
      reader.push(Buffer.from(before));
      reader.push(piece);
    }
  };
  expect(() => endless('')).toThrow(SyntaxError);
  expect(() => endless('\ndata: ')).toThrow(SyntaxError);
});
