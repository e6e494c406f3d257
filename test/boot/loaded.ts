import { registerHooks } from 'node:module';

/**
 * Loads what the roles load, now and later, and prints as JSON what every name in every file stood for: with the hub's own
 * short cuts (`hastened`), or as Node finds it. A program of its own, as hooks stay for good.
 */
const names: Record<string, string> = {};
const root = new URL('../../', import.meta.url);
const LOADED = [
  ...['commands/run.ts', 'roles/gateway.ts', 'roles/worker.ts', 'tracing/sdk.ts'].map((file) => `apps/hub/src/${file}`),
  ...['feishu', 'slack', 'telegram'].map((platform) => `adapters/${platform}/src/index.ts`),
  'adapters/slack/src/connect.ts',
  ...['transport.ts', 'openai.ts', 'openai-clients.ts', 'anthropic.ts', 'anthropic-clients.ts'].map(
    (file) => `core/src/provider/${file}`,
  ),
];

if (process.argv[2] === 'hastened') {
  const { hastenLoading } = await import('../../apps/hub/src/loading.ts');
  hastenLoading();
}
registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    const isRequired = context.conditions.includes('require');
    // What a required file is shows when it is read; of an imported one the loader asks here.
    const format = isRequired ? '' : ` as ${found.format}`;
    names[`${isRequired ? 'require' : 'import'} ${specifier} in ${context.parentURL}`] = `${found.url}${format}`;
    return found;
  },
});
for (const file of LOADED) await import(new URL(file, root).href);
process.stdout.write(JSON.stringify(names));
