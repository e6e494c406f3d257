import { expect, test } from 'vitest';
import { modelSchema } from '../config/index.ts';
import { openRoutes } from './routes.ts';

const model = (keys: string[], endpoints: object[] = []) =>
  modelSchema.parse({ id: 'm', provider: 'openai', keys, endpoints });
const A = { base_url: 'https://a.example/v1?token=secret', region: 'us' };
const B = { base_url: 'https://b.example/v1?token=secret' };

test('keys take turns from answer to answer', () => {
  const config = model(['k0', 'k1', 'k2']);
  expect([1, 2, 3, 4].map(() => openRoutes(config).first().apiKey)).toEqual(['k0', 'k1', 'k2', 'k0']);
});

test('every key of an endpoint gets its chance, then the next endpoint with all keys', () => {
  const config = model(['k0', 'k1'], [A, B]);
  openRoutes(config);
  const routes = openRoutes(config);
  const seen = [];
  for (let route: ReturnType<typeof routes.after> = routes.first(); route; route = routes.after('key')) {
    seen.push([route.name, route.keyIndex]);
  }
  expect(seen).toEqual([
    ['us', 1],
    ['us', 0],
    ['b.example', 0],
    ['b.example', 1],
  ]);
});

test('a failed endpoint is left at once', () => {
  const routes = openRoutes(model(['k0', 'k1'], [A, B]));
  routes.first();
  expect(routes.after('endpoint')).toMatchObject({ baseUrl: B.base_url, keyIndex: 0 });
  expect(routes.after('endpoint')).toBeUndefined();
});

test('a model without keys and endpoints has one way', () => {
  const routes = openRoutes(model([]));
  expect(routes.first()).toEqual({ baseUrl: undefined, apiKey: undefined, keyIndex: undefined, name: undefined });
  expect(routes.after('key')).toBeUndefined();
});
