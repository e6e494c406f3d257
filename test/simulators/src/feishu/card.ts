import { isObject, type JsonObject } from './json.ts';
import { countTables } from './markdown.ts';

/** Why Feishu refuses a card: a sub-error that the message API wraps into 230099 and CardKit reports in its own way. */
export class CardRefusal extends Error {
  override readonly name = 'CardRefusal';
  readonly subCode: number;

  constructor(subCode: number, message: string) {
    super(message);
    this.subCode = subCode;
  }
}

export const MAX_CARD_BYTES = 30 * 1024;
const MAX_COMPONENTS = 200;
const MAX_TABLES = 5;

/** Component and element tags of card JSON 2.0. */
const TAGS = new Set(
  `markdown div img img_combination hr person person_list chart table audio column_set column form interactive_container
  collapsible_panel button input select_static multi_select_static select_person multi_select_person select_img date_picker
  picker_time picker_datetime overflow checker plain_text lark_md standard_icon custom_icon text_tag`.split(/\s+/),
);
/** Tags of card JSON 1.0 that 2.0 answers with an error of their own. */
const RETIRED_TAGS = new Set(['action', 'note']);
/** What stands under these keys is the developer's own data or a chart's, not components. */
const OPAQUE_KEYS = new Set(['value', 'chart_spec', 'behaviors', 'rows']);
const ELEMENT_ID = /^[A-Za-z][A-Za-z0-9_]{0,19}$/;

/**
 * Checks a card; throws `CardRefusal`. Cards of schema 1.0 (no `schema`) are only checked for having elements.
 * Rules: https://open.feishu.cn/document/feishu-cards/card-json-v2-structure
 */
export function checkCard(card: JsonObject): void {
  if (!isV2(card)) {
    if (card.schema !== undefined && card.schema !== '1.0') throw parseError(`invalid schema: ${String(card.schema)}`);
    if (!Array.isArray(card.elements) && !isObject(card.i18n_elements)) throw parseError('elements is required');
    return;
  }
  if (card.elements !== undefined) throw parseError('unknown property, property: elements, path: ROOT');
  if (!isObject(card.body) || !Array.isArray(card.body.elements)) throw parseError('body.elements is required');
  for (const [index, element] of card.body.elements.entries()) {
    if (!isObject(element) || typeof element.tag !== 'string') throw parseError(`elements[${index}] has no tag`);
  }
  checkComponents(card);
}

export function isV2(card: JsonObject): boolean {
  return card.schema === '2.0';
}

/** The component with this `element_id`, wherever in the card it stands. */
export function findElement(card: JsonObject, elementId: string): JsonObject | undefined {
  for (const { component } of components(card)) if (component.element_id === elementId) return component;
  return undefined;
}

/** Whether the card is in streaming mode by its own configuration. */
export function isStreaming(card: JsonObject): boolean {
  return isObject(card.config) && card.config.streaming_mode === true;
}

export function isShared(card: JsonObject): boolean {
  return !(isObject(card.config) && card.config.update_multi === false);
}

function checkComponents(card: JsonObject): void {
  const ids = new Set<unknown>();
  let count = 0;
  let tables = 0;
  for (const { component, path } of components(card)) {
    const tag = String(component.tag);
    if (RETIRED_TAGS.has(tag)) {
      throw new CardRefusal(
        200861,
        `ErrPath: ${path}; ErrMsg: cards of schema V2 no longer support this capability; ErrorValue: unsupported tag ${tag}; `,
      );
    }
    if (!TAGS.has(tag)) throw parseError(`not support tag: ${tag}`);
    if ((tag === 'markdown' || tag === 'plain_text' || tag === 'lark_md') && typeof component.content !== 'string') {
      throw parseError(`content of ${tag} is not a string, path: ${path}`);
    }
    const id = component.element_id;
    if (id !== undefined) {
      if (typeof id !== 'string' || !ELEMENT_ID.test(id)) throw parseError(`invalid element_id: ${String(id)}`);
      if (ids.has(id))
        throw new CardRefusal(300301, `ErrMsg: Duplicate element_id in card component; ErrorValue: ${id}; `);
      ids.add(id);
    }
    count += 1;
    if (tag === 'table') tables += 1;
    if (tag === 'markdown') tables += countTables(String(component.content));
  }
  if (count > MAX_COMPONENTS) throw new CardRefusal(300305, 'ErrMsg: element exceeds the limit; ');
  if (tables > MAX_TABLES) {
    throw new CardRefusal(11310, 'ErrMsg: card table number over limit; ErrorValue: table; ');
  }
}

/** Every object with a `tag`, outer ones first. */
function* components(node: unknown, path = 'ROOT'): Generator<{ component: JsonObject; path: string }> {
  if (Array.isArray(node)) {
    for (const [index, item] of node.entries()) {
      const tag = isObject(item) && typeof item.tag === 'string' ? `(tag: ${item.tag})` : '';
      yield* components(item, `${path} -> [${index}]${tag}`);
    }
  } else if (isObject(node)) {
    if (typeof node.tag === 'string') yield { component: node, path };
    for (const [key, child] of Object.entries(node)) {
      if (!OPAQUE_KEYS.has(key)) yield* components(child, `${path} -> ${key}`);
    }
  }
}

function parseError(value: string): CardRefusal {
  return new CardRefusal(
    200621,
    `ErrMsg: parse card json err, please check whether the card json is correct; ErrorValue: ${value}; `,
  );
}
