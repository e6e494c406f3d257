import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Document, typesOf } from './openapi-types.ts';

/**
 * Writes the types of the admin API from its OpenAPI document: `node build/generate-api.ts [URL or file]`, by default
 * from a hub on this machine. src/api/contract.ts then compares them with what the pages are written against.
 */
const source = process.argv[2] ?? 'http://127.0.0.1:8080/api/openapi.json';
const target = fileURLToPath(new URL('../src/api/openapi.ts', import.meta.url));

const text = /^https?:/.test(source) ? await (await fetch(source)).text() : readFileSync(source, 'utf8');
writeFileSync(target, typesOf(JSON.parse(text) as Document));
process.stdout.write(`${target}\n`);
