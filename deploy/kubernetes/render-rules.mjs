// Writes the rules of deploy/prometheus/rules as the object that the Prometheus operator reads:
//   node deploy/kubernetes/render-rules.mjs
// A test compares the two.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const rules = fileURLToPath(new URL('../prometheus/rules', import.meta.url));
const target = fileURLToPath(new URL('components/prometheus-operator/rules.yaml', import.meta.url));

const groups = readdirSync(rules)
  .sort()
  .map((file) => readFileSync(join(rules, file), 'utf8').split(/^groups:\n/m)[1] ?? '')
  .join('')
  .replace(/^(?=.)/gm, '  ');

writeFileSync(
  target,
  `# Made by deploy/kubernetes/render-rules.mjs out of deploy/prometheus/rules.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: parley
spec:
  groups:
${groups}`,
);
