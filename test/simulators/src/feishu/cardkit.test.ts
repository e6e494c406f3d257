import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type FeishuSimulator, startFeishuSimulator } from './index.ts';
import { refusalOf, sdkClient } from './testing.ts';

let time: number;
let simulator: FeishuSimulator;
let client: ReturnType<typeof sdkClient>;

beforeEach(async () => {
  time = Date.UTC(2026, 0, 1);
  simulator = await startFeishuSimulator({ now: () => time });
  client = sdkClient(simulator);
  await simulator.say({ chat: 'c1', text: 'hello' });
});
afterEach(() => simulator.close());

const streamingCard = (config: object = { streaming_mode: true }) => ({
  schema: '2.0',
  config,
  body: {
    elements: [
      { tag: 'markdown', content: '…', element_id: 'answer' },
      { tag: 'hr', element_id: 'line' },
    ],
  },
});

async function createCard(card: object = streamingCard()): Promise<string> {
  const { data } = await client.cardkit.v1.card.create({ data: { type: 'card_json', data: JSON.stringify(card) } });
  return data?.card_id ?? '';
}

const show = (card_id: string) =>
  client.im.message.create({
    params: { receive_id_type: 'chat_id' },
    data: {
      receive_id: simulator.chatId('c1'),
      msg_type: 'interactive',
      content: JSON.stringify({ type: 'card', data: { card_id } }),
    },
  });

const write = (card_id: string, sequence: number, content: string, element_id = 'answer', uuid?: string) =>
  client.cardkit.v1.cardElement.content({
    path: { card_id, element_id },
    data: { content, sequence, ...(uuid !== undefined && { uuid }) },
  });

const settings = (card_id: string, sequence: number, config: object) =>
  client.cardkit.v1.card.settings({ path: { card_id }, data: { settings: JSON.stringify({ config }), sequence } });

describe('streaming into a card', () => {
  it('shows every state of the text in the message that has the card', async () => {
    const id = await createCard();
    expect(id).toMatch(/^\d{19}$/);
    await show(id);
    await write(id, 1, 'Hel');
    await write(id, 2, 'Hello **world**');
    await settings(id, 3, { streaming_mode: false });
    const shown = simulator.transcript('c1').at(-1);
    expect(shown?.text).toBe('Hello world');
    expect(shown?.versions.slice(0, 3)).toEqual(['…', 'Hel', 'Hello world']);
  });

  it('wants sequence numbers that rise over all operations of a card', async () => {
    const id = await createCard();
    expect((await refusalOf(write(id, 0, 'a'))).code).toBe(300317);
    await write(id, 5, 'a');
    expect((await refusalOf(write(id, 5, 'b'))).code).toBe(300317);
    expect((await refusalOf(settings(id, 4, { streaming_mode: false }))).code).toBe(300317);
    await write(id, 6, 'b');
  });

  it('takes no text once streaming is off, and again when it is on', async () => {
    const id = await createCard();
    await settings(id, 1, { streaming_mode: false });
    expect((await refusalOf(write(id, 2, 'a'))).code).toBe(300309);
    await settings(id, 2, { streaming_mode: true });
    await write(id, 3, 'a');
  });

  it('closes the stream by itself after ten minutes', async () => {
    const id = await createCard();
    time += 10 * 60_000;
    await write(id, 1, 'in time');
    time += 1;
    expect((await refusalOf(write(id, 2, 'late'))).code).toBe(200850);
    expect((await refusalOf(write(id, 2, 'later'))).code).toBe(300309);
  });

  it.each<[string, number, (id: string) => Promise<unknown>]>([
    ['an element that is not there', 300313, (id) => write(id, 1, 'a', 'nowhere')],
    ['an element without text', 300310, (id) => write(id, 1, 'a', 'line')],
    ['an empty text', 99992402, (id) => write(id, 1, '')],
    ['a card beyond 30 KB', 200860, (id) => write(id, 1, 'x'.repeat(31_000))],
    ['six tables', 230099, (id) => write(id, 1, '|a|b|\n|-|-|\n\n'.repeat(6))],
    ['a card nobody made', 200740, () => write('7355439197428236291', 1, 'a')],
    ['a card only for one person', 300302, (id) => settings(id, 1, { update_multi: false })],
  ])('refuses %s and leaves the sequence number free', async (_, code, call) => {
    const id = await createCard();
    expect(await refusalOf(call(id))).toMatchObject({ status: 400, code });
    await write(id, 1, 'fine');
  });

  it('runs an operation with a uuid once', async () => {
    const id = await createCard();
    await write(id, 1, 'a', 'answer', 'u-1');
    expect((await refusalOf(write(id, 2, 'b', 'answer', 'u-1'))).code).toBe(200770);
  });
});

describe('card entities', () => {
  it('replaces the whole card, which ends streaming unless the new card says otherwise', async () => {
    const id = await createCard();
    await show(id);
    const card = { type: 'card_json' as const, data: JSON.stringify(streamingCard({})) };
    await client.cardkit.v1.card.update({ path: { card_id: id }, data: { card, sequence: 1 } });
    expect((await refusalOf(write(id, 2, 'a'))).code).toBe(300309);
  });

  it('can be sent once', async () => {
    const id = await createCard();
    await show(id);
    const refused = await refusalOf(show(id));
    expect(refused).toMatchObject({ code: 230099, msg: expect.stringContaining('ErrCode: 200780') });
  });

  it('expires after 14 days', async () => {
    const id = await createCard();
    time += 14 * 24 * 60 * 60_000 + 1;
    expect((await refusalOf(write(id, 1, 'a'))).code).toBe(200750);
  });

  it.each<[string, number, object]>([
    ['schema 1.0', 300303, { elements: [] }],
    ['an unknown tag', 200220, { schema: '2.0', body: { elements: [{ tag: 'divider' }] } }],
    [
      'too many components',
      300305,
      { schema: '2.0', body: { elements: Array.from({ length: 201 }, () => ({ tag: 'hr' })) } },
    ],
  ])('refuses %s', async (_, code, card) => {
    expect((await refusalOf(createCard(card))).code).toBe(code);
  });
});
