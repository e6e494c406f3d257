import {
  Composer,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type ParsedNode,
  Parser,
  visit,
  type YAMLError,
} from 'yaml';
import type { ConfigIssue, Path } from './issues.ts';

export const MAX_FILE_BYTES = 1024 * 1024;
const MAX_DEPTH = 100;
const MAX_ALIASES = 100;
const MAX_ERRORS = 20;

export type YamlResult =
  | { ok: true; data: unknown; lineOf: (path: Path) => number | undefined }
  | { ok: false; issues: ConfigIssue[] };

/**
 * Reads one YAML (or JSON) document within bounds on size, nesting and aliases. Messages are our own: the library's
 * quote the file, and a file may hold secrets.
 */
export function readYaml(text: string): YamlResult {
  if (Buffer.byteLength(text) > MAX_FILE_BYTES) return failed('is larger than 1 MiB');
  const lines = new LineCounter();
  const documents = compose(text, lines);
  if (documents === 'too deep') return failed(`is nested more than ${MAX_DEPTH} levels deep`);
  const [document, second] = documents;
  if (document === undefined) return failed('is empty');
  if (second !== undefined) return failed('holds more than one document', lineAt(lines, second.range[0]));
  if (document.errors.length > 0) {
    return { ok: false, issues: document.errors.slice(0, MAX_ERRORS).map((error) => explain(error, lines)) };
  }
  const dangling = danglingAlias(document);
  if (dangling !== undefined) return failed('the alias points to no anchor before it', lineAt(lines, dangling));
  try {
    const data: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return { ok: true, data, lineOf: (path) => lineAt(lines, locate(document, path)) };
  } catch {
    return failed(`uses aliases more than ${MAX_ALIASES} times over`);
  }
}

/** Parses step by step: on deep nesting the library recurses until the stack is full, for minutes on a 1 MiB file. */
function compose(text: string, lines: LineCounter): Document.Parsed[] | 'too deep' {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  const tokens = [];
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > MAX_DEPTH) return 'too deep';
  }
  for (const token of parser.end()) tokens.push(token);
  return [...new Composer<ParsedNode, true>({ schema: 'core', logLevel: 'silent' }).compose(tokens)];
}

const MESSAGES: Partial<Record<YAMLError['code'], string>> = {
  DUPLICATE_KEY: 'the key stands here a second time',
  TAB_AS_INDENT: 'tabs cannot indent; use spaces',
  BAD_INDENT: 'the indentation does not fit',
  MISSING_CHAR: 'a quote, bracket or separator is missing',
  MULTIPLE_DOCS: 'holds more than one document',
  BAD_DQ_ESCAPE: 'an unknown escape in double quotes; use single quotes or \\\\',
  BAD_SCALAR_START: 'a value that starts with this character must be quoted',
  BLOCK_AS_IMPLICIT_KEY: 'the nesting or indentation does not fit',
  MULTILINE_IMPLICIT_KEY: 'a key must end on the line it starts on, with a colon',
};

function explain(error: YAMLError, lines: LineCounter): ConfigIssue {
  const message = MESSAGES[error.code] ?? `is not valid YAML here (${error.code})`;
  return issue(message, lineAt(lines, error.pos[0]));
}

function danglingAlias(document: Document.Parsed): number | undefined {
  let offset: number | undefined;
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) !== undefined) return undefined;
      offset = alias.range?.[0];
      return visit.BREAK;
    },
  });
  return offset;
}

/** Offset of the value at `path`, or of the nearest thing around it that the file does contain. */
function locate(document: Document.Parsed, path: Path): number | undefined {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0];
  for (const part of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(part));
      if (pair === undefined) break;
      if (isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof part === 'number') {
      node = node.items[part];
      offset = rangeStart(node) ?? offset;
    } else {
      break;
    }
  }
  return offset;
}

function rangeStart(node: unknown): number | undefined {
  return isAlias(node) || isMap(node) || isSeq(node) || isScalar(node) ? node.range?.[0] : undefined;
}

function lineAt(lines: LineCounter, offset: number | undefined): number | undefined {
  return offset === undefined ? undefined : lines.linePos(offset).line;
}

function issue(message: string, line: number | undefined): ConfigIssue {
  return line === undefined ? { path: '', message } : { path: '', message, line };
}

function failed(message: string, line?: number): YamlResult {
  return { ok: false, issues: [issue(message, line)] };
}
