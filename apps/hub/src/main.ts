import { enableCompileCache, flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Compiled code and stripped types are kept beside the packages, so that the next start is faster; where that folder
// cannot be written nothing happens. Flushed by a timer, too: a process that is killed writes nothing.
// All else is imported after it: what this file names itself is stripped and compiled anew at every start, unless Node was
// told of a folder before it began (NODE_COMPILE_CACHE), as `npm start`, the image and the units do. That one counts then.
enableCompileCache(fileURLToPath(new URL('../../../node_modules/.cache/parley', import.meta.url)));
setTimeout(flushCompileCache, 5_000).unref();
const { hastenLoading } = await import('./loading.ts');
hastenLoading();

/** The only place that reads the process's environment and arguments. */
const { runCommandLine } = await import('./command-line.ts');
process.exitCode = await runCommandLine(process.argv.slice(2), process.env);
// Whatever still holds the loop open (a pooled socket, a timer of an SDK) must not keep a finished command alive.
process.exit();
