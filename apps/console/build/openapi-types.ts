/** As much of JSON Schema as the admin API's document uses. */
export interface Schema {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
}

interface Content {
  content?: Record<string, { schema?: Schema }>;
}
interface Operation {
  parameters?: { name: string; in: string; required?: boolean; schema?: Schema }[];
  requestBody?: Content;
  responses?: Record<string, Content>;
}
export interface Document {
  paths: Record<string, Record<string, Operation>>;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const PREFIX = '/api/admin';

/**
 * The admin API as TypeScript: query, body and answer of every endpoint by `METHOD /path`, from the hub's OpenAPI
 * document. Always the same text for the same document, so that a test can tell when the file is old.
 */
export function typesOf({ paths }: Document): string {
  const lines = [
    "// Made from the hub's OpenAPI document by test/admin/console-types.test.ts -u. Not for editing.",
    '',
  ];
  lines.push('export interface Api {');
  for (const [path, operations] of Object.entries(paths)) {
    for (const method of METHODS) {
      const operation = operations[method];
      if (!operation) continue;
      lines.push(`  '${method.toUpperCase()} ${path.replace(PREFIX, '')}': {`, ...membersOf(operation), '  };');
    }
  }
  return `${[...lines, '}'].join('\n')}\n`;
}

function membersOf({ parameters = [], requestBody, responses = {} }: Operation): string[] {
  const inQuery = parameters.filter((parameter) => parameter.in === 'query');
  const query: Schema = {
    type: 'object',
    properties: Object.fromEntries(inQuery.map(({ name, schema = {} }) => [name, schema])),
    required: inQuery.filter(({ required }) => required).map(({ name }) => name),
    additionalProperties: false,
  };
  const done = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1];
  const members = { query, body: jsonOf(requestBody), answer: jsonOf(done) };
  return Object.entries(members).map(([name, schema]) => `    ${name}: ${schema ? typeOf(schema, 4) : 'undefined'};`);
}

const jsonOf = (part: Content | undefined): Schema | undefined => part?.content?.['application/json']?.schema;

/** A schema as a TypeScript type, its further lines indented by so many spaces. */
export function typeOf(schema: Schema, indent = 0): string {
  if (schema.const !== undefined) return literal(schema.const);
  if (schema.enum) return schema.enum.map(literal).join(' | ');
  const { anyOf, oneOf, allOf } = schema;
  if (allOf) return allOf.map((one) => operand(one, indent)).join(' & ');
  if (anyOf ?? oneOf) return (anyOf ?? oneOf ?? []).map((one) => operand(one, indent)).join(' | ');
  const types = Array.isArray(schema.type) ? schema.type : [schema.type ?? 'unknown'];
  return types.map((type) => plainType(type, schema, indent)).join(' | ');
}

function plainType(type: string, schema: Schema, indent: number): string {
  if (type === 'integer' || type === 'number') return 'number';
  if (type === 'string' || type === 'boolean' || type === 'null') return type;
  if (type === 'array') return `${operand(schema.items ?? {}, indent)}[]`;
  return type === 'object' ? objectType(schema, indent) : 'unknown';
}

function objectType({ properties = {}, required = [], additionalProperties }: Schema, indent: number): string {
  const margin = ' '.repeat(indent + 2);
  const members = Object.entries(properties).map(([name, schema]) => {
    const key = /^[a-z_]\w*$/i.test(name) ? name : literal(name);
    return `${margin}${key}${required.includes(name) ? '' : '?'}: ${typeOf(schema, indent + 2)};`;
  });
  if (members.length > 0) return `{\n${members.join('\n')}\n${' '.repeat(indent)}}`;
  const values = typeof additionalProperties === 'object' ? typeOf(additionalProperties, indent) : 'unknown';
  return additionalProperties === false ? 'Record<never, never>' : `Record<string, ${values}>`;
}

const literal = (value: unknown): string => (typeof value === 'string' ? `'${value}'` : JSON.stringify(value));

/** A schema's type, in brackets where it is a choice between several. */
function operand(schema: Schema, indent: number): string {
  const isChoice = [schema.enum, schema.anyOf, schema.oneOf, schema.allOf, schema.type].some(
    (part) => Array.isArray(part) && part.length > 1,
  );
  return isChoice ? `(${typeOf(schema, indent)})` : typeOf(schema, indent);
}
