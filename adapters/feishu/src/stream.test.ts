import type { AnswerStream, ReplyTarget, StreamOptions, StreamState } from '@parley/core/adapter';
import { ParleyError } from '@parley/core/errors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from './client.ts';
import { formatReply } from './format.ts';
import { createMessages } from './messages.ts';
import { SEQUENCE_BLOCK } from './sequence.ts';
import { createStartStream } from './stream.ts';
import { type Call, type FakeFeishu, json, makeChannel, makeDeps, NOW, startFeishu } from './testing.ts';

const target: ReplyTarget = { chat: { id: 'oc_g', kind: 'group' }, messageId: 'om_q', senderId: 'ou_a' };
const CARDS = '/open-apis/cardkit/v1/cards';
const MESSAGE = '/open-apis/im/v1/messages/om_a';
const REPLY = '/open-apis/im/v1/messages/om_q/reply';
/** The stream's state is recorded, and with it whose message it is. */
const OURS = 'save, and om_a is ours';
const [part] = formatReply('**done**');
if (!part) throw new Error('nothing to send');

let feishu: FakeFeishu;
let client: ReturnType<typeof createClient>;
let now: number;
let start: ReturnType<typeof createStartStream>;
/** What was saved and what was called, in order. */
let log: string[];
let saved: StreamState[];

beforeEach(async () => {
  now = NOW;
  log = [];
  saved = [];
  feishu = await startFeishu();
  feishu.route((call, response) => {
    if (call.path.includes('/auth/')) return false;
    log.push(`${call.method} ${call.path}`);
    const id = call.path === CARDS ? { card_id: '7000000000000000001' } : { message_id: 'om_a' };
    return json(response, 200, { code: 0, data: id });
  });
  const deps = makeDeps({ now: () => now });
  client = createClient(makeChannel({ api_base_url: feishu.url }), deps);
  start = createStartStream(client, createMessages(client), deps);
});
afterEach(async () => {
  await client.close();
  await feishu.close();
});

/** Refuses the calls that `which` names. */
function refuse(which: (call: Call) => boolean, code: number, msg = 'refused', times = Number.POSITIVE_INFINITY) {
  let left = times;
  feishu.route((call, response) => {
    if (left <= 0 || !which(call)) return false;
    left--;
    log.push(`refused ${call.method} ${call.path}`);
    return json(response, 400, { code, msg });
  });
}

function open(earlier?: StreamState, over: Partial<StreamOptions> = {}): Promise<AnswerStream> {
  return start(
    target,
    {
      idempotencyKey: 'turn-1-0',
      async save(state, ref) {
        saved.push(structuredClone(state));
        log.push(ref === undefined ? 'save' : `save, and ${ref} is ours`);
      },
      ...over,
    },
    earlier,
  );
}

const called = (method: string, path: string) =>
  feishu.apiCalls().filter((call) => call.method === method && call.path === path);

describe('a streamed answer', () => {
  it('is recorded before it is seen, and closed before it is complete', async () => {
    const stream = await open();
    expect(feishu.calls).toEqual([]);
    await stream.update('**hel**');
    await stream.update('**hello**');
    await stream.update('**hello**');
    expect(await stream.finish(part)).toEqual({ messageId: 'om_a', refs: ['om_a'] });
    const card = `${CARDS}/7000000000000000001`;
    expect(log).toEqual([
      `POST ${CARDS}`,
      'save',
      `POST ${REPLY}`,
      OURS,
      `PUT ${card}/elements/answer/content`,
      `PATCH ${card}/settings`,
      `PUT ${card}`,
    ]);
    const first = { via: 'card', cardId: '7000000000000000001', sequence: SEQUENCE_BLOCK };
    expect(saved).toEqual([first, { ...first, messageId: 'om_a' }]);
  });

  it('begins as a card in streaming mode that has the text already, and ends as what would have been sent', async () => {
    const stream = await open();
    await stream.update('<at id=all></at> 你好 👋');
    await stream.finish(part);
    const begun = JSON.parse(String(called('POST', CARDS)[0]?.body.data));
    expect(begun).toMatchObject({
      schema: '2.0',
      config: { streaming_mode: true, update_multi: true },
      body: { elements: [{ tag: 'markdown', element_id: 'answer', content: '&#60;at id=all>&#60;/at> 你好 👋' }] },
    });
    expect(called('POST', REPLY)[0]?.body).toMatchObject({
      msg_type: 'interactive',
      content: JSON.stringify({ type: 'card', data: { card_id: '7000000000000000001' } }),
    });
    const [settings] = called('PATCH', `${CARDS}/7000000000000000001/settings`);
    expect(JSON.parse(String(settings?.body.settings))).toEqual({ config: { streaming_mode: false } });
    expect(called('PUT', `${CARDS}/7000000000000000001`)[0]?.body.card).toEqual({
      type: 'card_json',
      data: JSON.stringify(part.payload),
    });
  });

  it('has a key of its own, so that the part can be sent anew under the first', async () => {
    const stream = await open();
    await stream.update('a');
    const uuid = called('POST', REPLY)[0]?.body.uuid;
    expect(uuid).toMatch(/^[\w-]{1,50}$/);
    expect(uuid).not.toBe('turn-1-0');
  });

  it('is an ordinary message when there was nothing to see before', async () => {
    const stream = await open();
    await stream.update(' \n');
    await stream.finish(part);
    expect(log).toEqual([`POST ${REPLY}`]);
    expect(called('POST', REPLY)[0]?.body).toMatchObject({
      uuid: 'turn-1-0',
      content: JSON.stringify(part.payload),
    });
  });

  it('stops at once when the turn is lost, before anything is seen', async () => {
    const save = () => Promise.reject(new ParleyError('internal', 'the turn is lost'));
    await expect((await open(undefined, { save })).update('a')).rejects.toThrow('the turn is lost');
    expect(log).toEqual([`POST ${CARDS}`]);
  });

  it('keeps a worker that lost the turn from writing over its successor', async () => {
    const stream = await open(
      { via: 'card', cardId: '7', sequence: SEQUENCE_BLOCK, messageId: 'om_a' },
      { save: () => Promise.reject(new ParleyError('internal', 'the turn is lost')) },
    );
    await expect(stream.update('late')).rejects.toThrow('the turn is lost');
    await expect(stream.finish(part)).rejects.toThrow('the turn is lost');
    expect(log).toEqual([]);
  });

  it('takes a higher number when its own is taken, and records that first', async () => {
    refuse((call) => call.path.endsWith('/content'), 300317, 'sequence number compare failed', 1);
    const stream = await open();
    await stream.update('a');
    await stream.update('ab');
    const [refused, written] = feishu.apiCalls().filter((call) => call.path.endsWith('/content'));
    expect(refused?.body.sequence).toBe(1);
    expect(written?.body).toMatchObject({ content: 'ab', sequence: SEQUENCE_BLOCK + 1 });
    expect(saved.at(-1)).toMatchObject({ sequence: 2 * SEQUENCE_BLOCK, messageId: 'om_a' });
  });

  it('forgives one write that was lost, and not a second in a row', async () => {
    const stream = await open();
    await stream.update('a');
    feishu.route((call, response) => (call.path.endsWith('/content') ? json(response, 502, {}) : false));
    await stream.update('ab');
    await expect(stream.update('abc')).rejects.toMatchObject({ code: 'platform_unavailable', outcomeUnknown: true });
    await stream.finish(part);
  });
});

describe('where CardKit refuses', () => {
  const noScope = (call: Call) => call.path === CARDS;

  it('answers grow by edits, for some minutes without asking CardKit again', async () => {
    refuse(noScope, 99991672, 'Access denied. One of the following scopes is required: [cardkit:card:write]');
    for (const round of [1, 2]) {
      const stream = await open();
      await stream.update('a');
      await stream.update('ab');
      expect(stream.intervalMs).toBeGreaterThan(1_000);
      expect(await stream.finish(part)).toEqual({ messageId: 'om_a', refs: ['om_a'] });
      expect(called('POST', CARDS)).toHaveLength(1);
      expect(called('PATCH', MESSAGE)).toHaveLength(2 * round);
    }
    expect(log.slice(-5)).toEqual(['save', `POST ${REPLY}`, OURS, `PATCH ${MESSAGE}`, `PATCH ${MESSAGE}`]);
    expect(called('PATCH', MESSAGE).at(-1)?.body.content).toBe(JSON.stringify(part.payload));
    now += 10 * 60_000;
    await (await open()).update('a');
    expect(called('POST', CARDS)).toHaveLength(2);
  });

  it.each([
    [99991400, 'platform_rate_limited'],
    [230099, 'platform_rejected'],
  ])('what passes or concerns the one card (%i) says nothing about CardKit', async (code, expected) => {
    refuse(noScope, code, 'refused', 1);
    await expect((await open()).update('a')).rejects.toMatchObject({ code: expected });
    await (await open()).update('a');
    expect(called('POST', CARDS)).toHaveLength(2);
  });

  it('edits are few enough for one message', async () => {
    refuse(noScope, 99991672);
    const stream = await open();
    for (let i = 0; i < 40; i++) await stream.update('x'.repeat(i + 1));
    await stream.finish(part);
    expect(called('PATCH', MESSAGE).length).toBeLessThanOrEqual(20);
    expect(called('PATCH', MESSAGE).at(-1)?.body.content).toBe(JSON.stringify(part.payload));
  });

  it('a resumed message is edited whatever the repeated send says, because it may show something else', async () => {
    const stream = await open({ via: 'message' });
    await stream.finish(part);
    expect(log).toEqual([`POST ${REPLY}`, OURS, `PATCH ${MESSAGE}`]);
    await (await open(saved.at(-1))).finish(part);
    expect(log.slice(3)).toEqual([`PATCH ${MESSAGE}`]);
  });
});

describe('the end of a stream', () => {
  const update = (call: Call) => call.method === 'PUT' && call.path === `${CARDS}/7`;
  const patch = (call: Call) => call.method === 'PATCH' && call.path === MESSAGE;
  const resumed = { via: 'card', cardId: '7', sequence: SEQUENCE_BLOCK, messageId: 'om_a' };
  const shownBy = (path: string) => {
    const body = feishu.apiCalls().findLast((call) => call.path === path)?.body;
    return JSON.parse(String((body?.card as { data?: string } | undefined)?.data ?? body?.content));
  };
  const plain = { body: { elements: [{ tag: 'div', text: { tag: 'plain_text', content: 'done' } }] } };
  const ellipsis = { body: { elements: [{ tag: 'div', text: { tag: 'plain_text', content: '…' } }] } };

  it('is plain text where the markdown is refused', async () => {
    refuse(update, 230099, 'ext=ErrCode: 11310; ErrMsg: card table number over limit; ErrorValue: table; ', 1);
    await (await open(resumed)).finish(part);
    expect(shownBy(`${CARDS}/7`)).toMatchObject(plain);
  });

  it('goes through the message where the card is out of reach, now and whenever it is repeated', async () => {
    refuse((call) => call.path.startsWith(CARDS), 200750, 'The card entity has expired');
    const stream = await open(resumed);
    expect(await stream.finish(part)).toEqual({ messageId: 'om_a', refs: ['om_a'] });
    expect(shownBy(MESSAGE)).toEqual(part.payload);
    expect(saved.at(-1)).toEqual({ via: 'message', messageId: 'om_a' });
    const before = log.length;
    await stream.finish(part);
    await (await open(saved.at(-1))).finish(part);
    expect(log.slice(before)).toEqual([`PATCH ${MESSAGE}`]);
  });

  it('leaves an ellipsis behind where nothing can be shown, and says so', async () => {
    refuse((call) => update(call) && !JSON.stringify(call.body).includes('…'), 200220);
    refuse((call) => patch(call) && !JSON.stringify(call.body).includes('…'), 230099);
    await expect((await open(resumed)).finish(part)).rejects.toMatchObject({ code: 'platform_rejected' });
    expect(shownBy(`${CARDS}/7`)).toMatchObject(ellipsis);
    expect(shownBy(MESSAGE)).toMatchObject(ellipsis);
  });

  it('does not write into a message that was taken back', async () => {
    refuse(patch, 230011, 'The message is recalled.');
    const stream = await open({ via: 'message', messageId: 'om_a' });
    await expect(stream.finish(part)).rejects.toMatchObject({ code: 'platform_rejected' });
    expect(log).toEqual([`refused PATCH ${MESSAGE}`]);
  });

  it('is an ordinary message where the card was never taken', async () => {
    refuse((call) => call.path === REPLY && String(call.body.content).includes('card_id'), 230099, 'cardid is invalid');
    await (await open({ via: 'card', cardId: '7', sequence: SEQUENCE_BLOCK })).finish(part);
    expect(called('POST', REPLY).at(-1)?.body).toMatchObject({
      uuid: 'turn-1-0',
      content: JSON.stringify(part.payload),
    });
  });

  it('gives a card up that was sent so long ago that nobody knows its message', async () => {
    refuse((call) => call.path === REPLY, 230099, 'ext=ErrCode: 200780; ErrMsg: card binding biz count over limit; ');
    const stream = await open({ via: 'card', cardId: '7', sequence: SEQUENCE_BLOCK });
    await expect(stream.finish(part)).rejects.toMatchObject({ code: 'platform_rejected' });
    expect(shownBy(`${CARDS}/7`)).toMatchObject(ellipsis);
    expect(called('POST', REPLY)).toHaveLength(1);
  });

  it.each([
    [429, 99991400, 'platform_rate_limited'],
    [503, 0, 'platform_unavailable'],
  ])('HTTP %i is not the end: it is tried again in the same card', async (status, code, expected) => {
    let left = 1;
    feishu.route((call, response) => (update(call) && left-- > 0 ? json(response, status, { code }) : false));
    const stream = await open(resumed);
    await expect(stream.finish(part)).rejects.toMatchObject({ code: expected });
    await stream.finish(part);
    expect(shownBy(`${CARDS}/7`)).toEqual(part.payload);
    expect(called('PATCH', MESSAGE)).toEqual([]);
  });

  it('a state that cannot be read is none', async () => {
    const stream = await open({ via: 'pigeon' });
    await stream.finish(part);
    expect(log).toEqual([`POST ${REPLY}`]);
  });
});
