// `npm run audit`: asks the registry for known vulnerabilities of what the lockfile has. Plain JavaScript for any Node ≥ 20:
// nothing need be installed. Arguments go to `pnpm audit`. Exit codes:
//   0  none known    1  found    2  could not be asked    3  this registry does not offer audits
// Only 0 says that it is well: CI fails with any other.
import { spawn } from 'node:child_process';

const PNPM = 'pnpm@12.21.0';
const FOUND = /\bvulnerabilit(y|ies) found\b/;
/** What pnpm says of an answer that is none, and the statuses of servers that have no such path. */
const REFUSED = /ERR_PNPM_AUDIT_\w+/;
const NOT_OFFERED = /responded with (404|405|410|501)\b|ERR_PNPM_AUDIT_ENDPOINT_NOT_EXISTS/;

const args = ['-y', PNPM, 'audit', '--audit-level', 'moderate', ...process.argv.slice(2)];
const { code, output } = await run('npx', args);
process.exitCode = judge(code, output);

function judge(exitCode, text) {
  if (exitCode === 0) return 0;
  const plain = text.replaceAll(/\s*│?\s+/g, ' '); // pnpm breaks its sentences at the width of the terminal
  if (FOUND.test(plain) && !REFUSED.test(plain)) return 1;
  if (NOT_OFFERED.test(plain)) {
    tell(
      'This registry does not offer audits, so nothing is known. Ask one that does: npm run audit -- --registry URL',
    );
    return 3;
  }
  tell('The registry could not be asked, so nothing is known.');
  return 2;
}

function tell(sentence) {
  process.stderr.write(`\nNot audited. ${sentence}\n`);
}

/** Shows what the program writes as it comes, and keeps the last of it. */
function run(program, words) {
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ]) {
    from.setEncoding('utf8').on('data', (text) => {
      to.write(text);
      output = `${output}${text}`.slice(-100_000);
    });
  }
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: 127, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
