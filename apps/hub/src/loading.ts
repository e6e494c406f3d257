import { registerHooks } from 'node:module';

/**
 * Says what need not be looked up. Node looks for every file that is imported and for the manifest above it, which it
 * parses anew each time; but the hub's own files, and those of drizzle-orm (whose manifest is 130 kB and stands over 110
 * files: some 500 ms of every start), import each other by their full names and are all modules.
 */
export function hastenLoading(): void {
  registerHooks({
    resolve(specifier, context, next) {
      const { parentURL } = context;
      if (parentURL === undefined || !specifier.startsWith('.')) return next(specifier, context);
      const format = formatOf(specifier, parentURL);
      if (format === undefined) return next(specifier, context);
      return { url: new URL(specifier, parentURL).href, format, shortCircuit: true };
    },
  });
}

const SLOW_PACKAGE = '/node_modules/drizzle-orm/';

function formatOf(specifier: string, parentURL: string): string | undefined {
  if (specifier.endsWith('.ts')) return parentURL.includes('/node_modules/') ? undefined : 'module-typescript';
  return specifier.endsWith('.js') && parentURL.includes(SLOW_PACKAGE) ? 'module' : undefined;
}
