import { isObject, type JsonObject, stringOf } from './json.ts';
import { renderMarkdown } from './markdown.ts';

/** A card as a person reads it: its title, then its components from top to bottom, one block under the other. */
export function renderCard(card: JsonObject, nameOf: (id: string) => string): string {
  const header = isObject(card.header) ? card.header : {};
  const body = isObject(card.body) ? card.body.elements : card.elements;
  return [renderElement(header.title, nameOf), renderElement(header.subtitle, nameOf), renderAll(body, nameOf)]
    .filter((block) => block !== '')
    .join('\n');
}

function renderAll(elements: unknown, nameOf: (id: string) => string): string {
  if (!Array.isArray(elements)) return '';
  return elements
    .map((element) => renderElement(element, nameOf))
    .filter((block) => block !== '')
    .join('\n');
}

function renderElement(element: unknown, nameOf: (id: string) => string): string {
  if (!isObject(element)) return '';
  const content = stringOf(element.content) ?? '';
  switch (element.tag) {
    case 'markdown':
    case 'lark_md':
      return renderMarkdown(content, nameOf);
    case 'plain_text':
      return content;
    case 'img':
      return `[${altOf(element.alt) || 'image'}]`;
    case 'table':
      return renderTable(element);
    case 'button':
      return `[${renderElement(element.text, nameOf)}]`;
    case 'person':
      return `@${nameOf(stringOf(element.user_id) ?? '')}`;
    default:
      return renderContainer(element, nameOf);
  }
}

function renderContainer(element: JsonObject, nameOf: (id: string) => string): string {
  const header = isObject(element.header) ? renderElement(element.header.title, nameOf) : '';
  const parts = ['elements', 'columns', 'actions', 'fields'].map((key) => renderAll(element[key], nameOf));
  return [header, renderElement(element.text, nameOf), ...parts].filter((block) => block !== '').join('\n');
}

function renderTable(table: JsonObject): string {
  const columns = (Array.isArray(table.columns) ? table.columns : []).filter(isObject);
  const rows = (Array.isArray(table.rows) ? table.rows : []).filter(isObject);
  const head = columns.map((column) => stringOf(column.display_name) ?? stringOf(column.name) ?? '');
  const lines = rows.map((row) => columns.map((column) => String(row[stringOf(column.name) ?? ''] ?? '')));
  return [head, ...lines].map((cells) => cells.join(' | ')).join('\n');
}

function altOf(alt: unknown): string {
  return isObject(alt) ? (stringOf(alt.content) ?? '') : '';
}
