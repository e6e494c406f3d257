import { type ModelConfig, modelSchema } from '@parley/core/config';
import { ParleyError, toParleyError } from '@parley/core/errors';
import { fingerprintOf } from '@parley/core/provider';
import { keyAges } from '@parley/core/store';
import { z } from 'zod';
import { pageOf } from '../http/paging.ts';
import { type AdminRoute, route } from '../http/route.ts';
import { describedBy } from '../http/shapes.ts';
import {
  type ConfigRoutesDeps,
  createEntry,
  originSchema,
  removeEntry,
  replaceEntry,
  shownEntries,
  shownEntry,
} from './entries.ts';
import { type KeyAge, modelStatusOf, modelStatusSchema } from './model-status.ts';

const config = describedBy(modelSchema);
const entry = z.object({
  id: z.string(),
  origin: originSchema,
  read_only: z.boolean(),
  config,
  status: modelStatusSchema,
});
const params = z.object({ model: z.string() });
const tag = 'Models';
const TRY_LIMIT_MS = 30_000;

const tried = z.object({
  ok: z.boolean(),
  reply: z.string(),
  ms: z.number(),
  tokens_in: z.number(),
  tokens_out: z.number(),
  message: z.string(),
});

export function modelRoutes(deps: ConfigRoutesDeps): AdminRoute[] {
  const find = (id: string): ModelConfig => {
    const model = deps.config.current.models.find((one) => one.id === id);
    if (!model) throw new ParleyError('not_found', 'there is no such model');
    return model;
  };

  async function withStatus(shown: ReturnType<typeof shownEntries>) {
    const health = deps.pool.health();
    const models = shown.map(({ id }) => find(id));
    const ages: KeyAge[] = await keyAges(
      deps.store,
      models.flatMap(({ keys }) => keys.map(fingerprintOf)),
    );
    const { tenants } = deps.config.current;
    return shown.map((one, index) => ({
      ...one,
      status: modelStatusOf(models[index] as ModelConfig, health, ages, tenants),
    }));
  }

  async function one(id: string, setTag: (state: unknown) => void) {
    const shown = shownEntry(deps, 'models', id);
    setTag(shown.config);
    const [found] = await withStatus([shown]);
    if (!found) throw new ParleyError('not_found', 'there is no such model');
    return found;
  }

  async function tryModel(model: ModelConfig, text: string): Promise<z.output<typeof tried>> {
    const began = performance.now();
    const nothing = { reply: '', tokens_in: 0, tokens_out: 0 };
    try {
      const { reply, usage } = await deps.askOnce(model, text, AbortSignal.timeout(TRY_LIMIT_MS));
      const ms = Math.round(performance.now() - began);
      return { ok: true, reply, ms, tokens_in: usage.inputTokens, tokens_out: usage.outputTokens, message: '' };
    } catch (error) {
      const ms = Math.round(performance.now() - began);
      return { ok: false, ...nothing, ms, message: toParleyError(error).message };
    }
  }

  return [
    route({
      method: 'GET',
      path: '/models',
      action: 'model:read',
      scope: 'any',
      tag,
      summary: 'All models, and how their keys and endpoints do',
      response: pageOf(entry),
      handle: async () => ({ items: await withStatus(shownEntries(deps, 'models')), next_cursor: null }),
    }),
    route({
      method: 'POST',
      path: '/models',
      action: 'model:write',
      scope: 'hub',
      tag,
      summary: 'Add a model',
      body: z.strictObject({ config }),
      response: entry,
      status: 201,
      idempotent: true,
      async handle({ body, tag: setTag, ...context }) {
        await createEntry(deps, 'models', body.config, context);
        return one(String(body.config.id), setTag);
      },
    }),
    route({
      method: 'GET',
      path: '/models/:model',
      action: 'model:read',
      scope: 'any',
      tag,
      summary: 'One model',
      params,
      response: entry,
      handle: ({ params: { model }, tag: setTag }) => one(model, setTag),
    }),
    route({
      method: 'PUT',
      path: '/models/:model',
      action: 'model:write',
      scope: 'hub',
      tag,
      summary: 'Change a model: keys are rotated without a restart',
      params,
      body: z.strictObject({ config }),
      response: entry,
      conditional: true,
      async handle({ params: { model }, body, tag: setTag, assertUnchanged, ...context }) {
        assertUnchanged(shownEntry(deps, 'models', model).config);
        await replaceEntry(deps, 'models', model, body.config, context);
        return one(model, setTag);
      },
    }),
    route({
      method: 'DELETE',
      path: '/models/:model',
      action: 'model:write',
      scope: 'hub',
      tag,
      summary: 'Remove a model that no tenant uses any more',
      params,
      conditional: true,
      async handle({ params: { model }, assertUnchanged, ...context }) {
        assertUnchanged(shownEntry(deps, 'models', model).config);
        await removeEntry(deps, 'models', model, context);
      },
    }),
    route({
      method: 'POST',
      path: '/models/check',
      action: 'model:write',
      scope: 'hub',
      tag,
      summary: 'Ask a model a short question before it is saved',
      body: z.strictObject({ config }),
      response: z.object({ ok: z.boolean(), message: z.string(), ms: z.number() }),
      quiet: true,
      async handle({ body }) {
        const whole = (await deps.editor.complete({ models: [body.config] })).models?.[0];
        const parsed = modelSchema.safeParse(whole);
        if (!parsed.success) {
          const fields = parsed.error.issues.map(({ path, message }) => ({
            path: ['config', ...path].join('.'),
            message,
          }));
          throw new ParleyError('invalid_request', fields.map((one) => `${one.path}: ${one.message}`).join('; '), {
            fields,
          });
        }
        for (const [index, { base_url: url }] of parsed.data.endpoints.entries()) {
          await deps.assertReachable(url, `config.endpoints.${index}.base_url`);
        }
        const { ok, message, reply, ms } = await tryModel(parsed.data, 'ping');
        return { ok, ms, message: ok ? reply.slice(0, 500) : message };
      },
    }),
    route({
      method: 'POST',
      path: '/models/:model/test',
      action: 'model:test',
      scope: 'hub',
      tag,
      summary: 'Ask a model something; it costs what it costs',
      params,
      body: z.strictObject({ text: z.string().min(1).max(4000).default('ping') }),
      response: tried,
      handle: ({ params: { model }, body }) => tryModel(find(model), body.text),
    }),
  ];
}
