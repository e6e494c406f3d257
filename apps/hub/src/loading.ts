import { readdirSync } from 'node:fs';
import { registerHooks } from 'node:module';

/** A relative name that means the same as a path and as a URL, and in one way only. */
const PLAIN = /^\.{1,2}(?:\/[\w.@+~-]+)+$/;

type Resolve = Parameters<typeof registerHooks>[0]['resolve'] & {};
type Context = Parameters<Resolve>[1];
type Next = Parameters<Resolve>[2];
type Resolved = ReturnType<Resolve>;

/**
 * Says what need not be looked up. Node looks anew for every file that is named and for the manifest above it, which it
 * parses each time: a third of every start. Here a package's name is looked up once for each package that names it, a
 * folder's manifest once for all files of the folder, and a neighbour's file is found with one look. The answers are
 * Node's own; whatever is not plain is left to it.
 */
export function hastenLoading(): void {
  const named = new Map<string, Resolved>(); // bounded by the packages
  const formats = new Map<string, string>(); // by folder, bounded by the folders
  const files = createFilesOfFolder();
  registerHooks({
    resolve(specifier, context, next) {
      const { parentURL } = context;
      if (!parentURL?.startsWith('file:')) return next(specifier, context);
      if (!specifier.startsWith('.')) return resolveName(named, specifier, context, next);
      if (!PLAIN.test(specifier)) return next(specifier, context);
      return context.conditions.includes('require')
        ? resolveRequired(files, specifier, context, next)
        : resolveImported(formats, specifier, context, next);
    },
  });
}

/** A name means the same in all files of a package. */
function resolveName(named: Map<string, Resolved>, specifier: string, context: Context, next: Next): Resolved {
  // A URL, `node:` too, or a path.
  if (specifier.includes(':') || specifier.startsWith('/')) return next(specifier, context);
  const how = context.conditions.includes('require') ? 'require' : 'import';
  const key = `${how} ${specifier} ${packageOf(context.parentURL as string)}`;
  let found = named.get(key);
  if (!found) {
    found = next(specifier, context);
    named.set(key, found);
  }
  return { ...found, shortCircuit: true };
}

const INSTALLED_PACKAGE = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/;
/** The hub's own packages keep their code in `src`. */
const OWN_PACKAGE = /^.*(?=\/src\/)/;

/** What stands in no package is one of its own. */
function packageOf(url: string): string {
  return (INSTALLED_PACKAGE.exec(url) ?? OWN_PACKAGE.exec(url))?.[0] ?? url;
}

/** An import names a file in full. What its folder's manifest says of one `.js` it says of all. */
function resolveImported(formats: Map<string, string>, specifier: string, context: Context, next: Next): Resolved {
  const { href } = new URL(specifier, context.parentURL);
  const known = formatOf(href);
  if (known !== undefined) return { url: href, format: known, shortCircuit: true };
  if (!href.endsWith('.js')) return next(specifier, context);
  const folder = href.slice(0, href.lastIndexOf('/'));
  const format = formats.get(folder);
  if (format !== undefined) return { url: href, format, shortCircuit: true };
  const found = next(specifier, context);
  // Without a word in the manifest Node looks into each file, and says nothing here.
  if (found.format && found.url === href) formats.set(folder, found.format);
  return found;
}

function formatOf(href: string): string | undefined {
  if (href.endsWith('.mjs')) return 'module';
  return href.endsWith('.ts') && !href.includes('/node_modules/') ? 'module-typescript' : undefined;
}

/** The file as it is named, or with `.js`: the first two places that Node looks at. */
function resolveRequired(files: FilesOfFolder, specifier: string, context: Context, next: Next): Resolved {
  const { href } = new URL(specifier, context.parentURL);
  const name = href.slice(href.lastIndexOf('/') + 1);
  const inFolder = files(href.slice(0, href.lastIndexOf('/') + 1));
  if (inFolder.has(name)) return { url: href, shortCircuit: true };
  if (inFolder.has(`${name}.js`)) return { url: `${href}.js`, shortCircuit: true };
  return next(specifier, context);
}

type FilesOfFolder = (folderUrl: string) => ReadonlySet<string>;

/** Files themselves, without links: those have another name in the end. */
function createFilesOfFolder(): FilesOfFolder {
  const known = new Map<string, ReadonlySet<string>>(); // bounded by the folders that code is in
  return (folderUrl) => {
    let names = known.get(folderUrl);
    if (!names) {
      names = namesIn(folderUrl);
      known.set(folderUrl, names);
    }
    return names;
  };
}

function namesIn(folderUrl: string): ReadonlySet<string> {
  try {
    const entries = readdirSync(new URL(folderUrl), { withFileTypes: true });
    return new Set(entries.filter((entry) => entry.isFile()).map(({ name }) => name));
  } catch {
    return new Set(); // no such folder: Node says so
  }
}
