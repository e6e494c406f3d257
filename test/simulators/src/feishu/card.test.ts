import { describe, expect, it } from 'vitest';
import { CardRefusal, checkCard } from './card.ts';
import { renderCard } from './card-text.ts';

const TABLE = '| a | b |\n|---|---|\n| 1 | 2 |\n\n';
const card = (...elements: unknown[]) => ({ schema: '2.0', body: { elements } });
const markdown = (content: string, more = {}) => ({ tag: 'markdown', content, ...more });

function refusal(bad: Record<string, unknown>): { code: number; message: string } {
  try {
    checkCard(bad);
  } catch (error) {
    if (error instanceof CardRefusal) return { code: error.subCode, message: error.message };
    throw error;
  }
  return { code: 0, message: '' };
}

describe('checkCard', () => {
  it('takes what the platform takes', () => {
    expect(refusal(card(markdown('hi', { element_id: 'md_1' }), { tag: 'hr' })).code).toBe(0);
    expect(refusal(card(markdown(TABLE.repeat(5)))).code).toBe(0);
    expect(refusal({ elements: [{ tag: 'markdown', content: 'old' }] }).code).toBe(0);
    expect(
      refusal(card({ tag: 'button', text: { tag: 'plain_text', content: 'x' }, value: { tag: 'mine' } })).code,
    ).toBe(0);
  });

  it.each([
    ['a tag nobody knows', card({ tag: 'divider' }), 200621, 'not support tag: divider'],
    ['a tag of schema 1.0', card({ tag: 'action', actions: [] }), 200861, 'unsupported tag action'],
    ['no body', { schema: '2.0' }, 200621, 'body.elements is required'],
    ['elements outside the body', { schema: '2.0', elements: [] }, 200621, 'unknown property'],
    ['another schema', { schema: '3.0', body: { elements: [] } }, 200621, 'invalid schema'],
    ['markdown without content', card({ tag: 'markdown' }), 200621, 'content of markdown'],
    ['an element without tag', card({ content: 'x' }), 200621, 'has no tag'],
    ['one id twice', card(markdown('a', { element_id: 'x' }), markdown('b', { element_id: 'x' })), 300301, 'Duplicate'],
    ['a malformed id', card(markdown('a', { element_id: '1-x' })), 200621, 'invalid element_id'],
    ['six tables', card(markdown(TABLE.repeat(3)), markdown(TABLE.repeat(3))), 11310, 'card table number over limit'],
    ['201 components', card(...Array.from({ length: 201 }, () => ({ tag: 'hr' }))), 300305, 'element exceeds'],
  ])('refuses %s', (_, bad, code, message) => {
    expect(refusal(bad)).toEqual({ code, message: expect.stringContaining(message) });
  });
});

it('reads from top to bottom', () => {
  const text = renderCard(
    {
      schema: '2.0',
      header: { title: { tag: 'plain_text', content: 'Report' } },
      body: {
        elements: [
          markdown('**Hello**'),
          {
            tag: 'column_set',
            columns: [{ tag: 'column', elements: [{ tag: 'div', text: { tag: 'plain_text', content: 'left' } }] }],
          },
          { tag: 'table', columns: [{ name: 'n', display_name: 'Name' }, { name: 'v' }], rows: [{ n: 'a', v: 1 }] },
          { tag: 'button', text: { tag: 'plain_text', content: 'OK' } },
        ],
      },
    },
    (id) => id,
  );
  expect(text).toBe('Report\nHello\nleft\nName | v\na | 1\n[OK]');
});
