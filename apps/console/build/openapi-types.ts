/** As much of JSON Schema as the admin API's document uses. */
export interface Schema {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  $ref?: string;
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

/** A TypeScript interface with query, body and answer of every endpoint, by `METHOD /path`. */
export function typesOf({ paths }: Document): string {
  const entries = Object.entries(paths).flatMap(([path, operations]) =>
    METHODS.flatMap((method) => {
      const operation = operations[method];
      if (!operation) return [];
      const name = `${method.toUpperCase()} ${path.replace(PREFIX, '')}`;
      return [`  '${name}': {\n${membersOf(operation).join('\n')}\n  };`];
    }),
  );
  return `// Made by build/generate-api.ts from the hub's OpenAPI document. Not for editing.\n\nexport interface Api {\n${entries.join('\n')}\n}\n`;
}

function membersOf({ parameters = [], requestBody, responses = {} }: Operation): string[] {
  const query: Schema = { type: 'object', properties: {}, required: [], additionalProperties: false };
  for (const { name, in: place, required, schema } of parameters) {
    if (place !== 'query') continue;
    query.properties = { ...query.properties, [name]: schema ?? {} };
    if (required) query.required?.push(name);
  }
  const done = Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1];
  return [
    `    query: ${typeOf(query)};`,
    `    body: ${typeOf(jsonOf(requestBody), 'undefined')};`,
    `    answer: ${typeOf(jsonOf(done), 'undefined')};`,
  ];
}

const jsonOf = (part: Content | undefined): Schema | undefined => part?.content?.['application/json']?.schema;

/** A schema as a TypeScript type, on one line: the formatter breaks it. */
export function typeOf(schema: Schema | undefined, absent = 'unknown'): string {
  if (schema === undefined) return absent;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return alternatives.map((one) => wrap(typeOf(one))).join(' | ');
  if (schema.allOf) return schema.allOf.map((one) => wrap(typeOf(one))).join(' & ');
  const types = Array.isArray(schema.type) ? schema.type : [schema.type ?? 'unknown'];
  return types.map((type) => plainType(type, schema)).join(' | ');
}

function plainType(type: string, schema: Schema): string {
  if (type === 'integer' || type === 'number') return 'number';
  if (type === 'string' || type === 'boolean' || type === 'null') return type;
  if (type === 'array') return `${wrap(typeOf(schema.items))}[]`;
  return type === 'object' ? objectType(schema) : 'unknown';
}

function objectType({ properties = {}, required = [], additionalProperties }: Schema): string {
  const members = Object.entries(properties).map(([name, schema]) => {
    const key = /^[a-z_]\w*$/i.test(name) ? name : JSON.stringify(name);
    return `${key}${required.includes(name) ? '' : '?'}: ${typeOf(schema)}`;
  });
  if (members.length > 0) return `{ ${members.join('; ')} }`;
  const values = typeof additionalProperties === 'object' ? typeOf(additionalProperties) : 'unknown';
  return additionalProperties === false ? 'Record<string, never>' : `Record<string, ${values}>`;
}

const wrap = (type: string) => (type.includes('|') || type.includes('&') ? `(${type})` : type);
