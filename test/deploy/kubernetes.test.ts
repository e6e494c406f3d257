import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseDocuments, ROOT, readYaml } from './support/files.ts';
import { findProgram } from './support/programs.ts';

/** What `kubectl kustomize` makes of deploy/kubernetes, against the schemas of the objects. */
const kubectl = findProgram('kubectl', 'kubernetes-client');

const manifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});
type Manifest = z.infer<typeof manifest>;

const OVERLAYS = ['production', 'kong', 'small', 'production/migrate', 'small/migrate'].map(
  (name) => `overlays/${name}`,
);
const WITH_KONG = 'overlays/kong';

function render(path: string): Manifest[] {
  const output = execFileSync(kubectl.path, ['kustomize', path], { encoding: 'utf8' });
  return parseDocuments(output).map((document) => manifest.parse(document));
}

/** The package that has the model of a kind. Kong publishes none: its plugins are compared with kong.yaml below. */
function moduleOf({ apiVersion, kind }: Manifest): string | undefined {
  if (apiVersion === 'configuration.konghq.com/v1') return undefined;
  if (apiVersion.startsWith('keda.sh/')) return `@kubernetes-models/keda/${apiVersion}/${kind}`;
  if (apiVersion.startsWith('monitoring.coreos.com/')) {
    return `@kubernetes-models/prometheus-operator/${apiVersion}/${kind}`;
  }
  return `kubernetes-models/${apiVersion}/${kind}`;
}

describe.skipIf(kubectl.missing)(`kubectl kustomize ${kubectl.note}`, () => {
  const rendered = new Map<string, Manifest[]>();
  const all = () => [...rendered.values()].flat();
  const find = (overlay: string, kind: string, name: string) =>
    rendered.get(overlay)?.find((object) => object.kind === kind && object.metadata.name === name);

  beforeAll(() => {
    for (const overlay of OVERLAYS) rendered.set(overlay, render(join(ROOT, 'deploy/kubernetes', overlay)));
  });

  test('every object has the values that its schema allows', async () => {
    expect(all().length).toBeGreaterThan(40);
    for (const object of all()) {
      const name = moduleOf(object);
      if (!name) continue;
      const { [object.kind]: Model } = (await import(name)) as Record<
        string,
        new (
          data: unknown,
        ) => { validate(): void }
      >;
      if (!Model) throw new Error(`${name} has no ${object.kind}`);
      expect(() => new Model(object).validate(), `${object.kind} ${object.metadata.name}`).not.toThrow();
    }
  });

  test('and no field that it does not know: the type checker sees what a schema lets pass', () => {
    const file = join(ROOT, 'test/deploy', `.manifests-${process.pid}.ts`);
    const objects = all().flatMap((object) => {
      const name = moduleOf(object);
      const text = JSON.stringify(object);
      return name ? [`(${text}) satisfies import('${name}').I${object.kind};`] : [];
    });
    const check = () => {
      const tsc = join(ROOT, 'node_modules/.bin/tsc');
      const flags = '--noEmit --skipLibCheck --strict --module nodenext --target es2024 --types node --ignoreConfig';
      return execFileSync(tsc, [...flags.split(' '), file], {
        cwd: join(ROOT, 'test'),
        encoding: 'utf8',
        stdio: 'pipe',
      });
    };
    try {
      writeFileSync(file, `${objects.join('\n')}\nexport {};\n`);
      expect(check()).toBe('');
      writeFileSync(file, `${objects.join('\n').replace('"maxUnavailable"', '"maxUnavailible"')}\nexport {};\n`);
      expect(check).toThrow();
    } finally {
      rmSync(file, { force: true });
    }
  });

  test('everything is in the one namespace, and every name that is referred to is there or is known to be elsewhere', () => {
    for (const [overlay, objects] of rendered) {
      if (overlay.endsWith('migrate')) continue;
      const names = new Set(objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`));
      for (const object of objects.filter(({ kind }) => kind !== 'Namespace')) {
        expect(object.metadata.namespace).toBe('parley');
      }
      const text = JSON.stringify(objects);
      for (const [, name] of text.matchAll(/"configMapRef":\{"name":"([^"]+)"/g))
        expect(names).toContain(`ConfigMap/${name}`);
      for (const [, name] of text.matchAll(/"configMap":\{"name":"([^"]+)"/g))
        expect(names).toContain(`ConfigMap/${name}`);
      for (const [, name] of text.matchAll(/"service":\{"name":"([^"]+)"/g)) expect(names).toContain(`Service/${name}`);
      // By reference alone: no Secret is made here, and none stands in an environment.
      expect([...names].filter((name) => name.startsWith('Secret/'))).toEqual([]);
      expect(text).not.toMatch(/MASTER_KEY"?[:=]|postgres:\/\/|redis:\/\//);
    }
  });

  const container = z.looseObject({
    args: z.array(z.string()),
    resources: z.object({ requests: z.record(z.string(), z.string()), limits: z.record(z.string(), z.string()) }),
    lifecycle: z
      .object({ preStop: z.object({ exec: z.object({ command: z.tuple([z.literal('sleep'), z.string()]) }) }) })
      .optional(),
    livenessProbe: z.looseObject({ httpGet: z.object({ path: z.string(), port: z.string() }) }),
    readinessProbe: z.looseObject({ httpGet: z.object({ path: z.string(), port: z.string() }) }),
    securityContext: z.looseObject({
      readOnlyRootFilesystem: z.literal(true),
      allowPrivilegeEscalation: z.literal(false),
    }),
    ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
  });
  const deployment = z.looseObject({
    spec: z.looseObject({
      replicas: z.number().optional(),
      template: z.looseObject({
        spec: z.looseObject({
          terminationGracePeriodSeconds: z.number(),
          securityContext: z.looseObject({ runAsNonRoot: z.literal(true) }),
          topologySpreadConstraints: z.array(z.looseObject({ topologyKey: z.string(), whenUnsatisfiable: z.string() })),
          containers: z.tuple([container]),
        }),
      }),
    }),
  });

  test.each(['gateway', 'worker'])('%s: probes, sizes, zones, and time to drain', (role) => {
    const { spec } = deployment.parse(find('overlays/production', 'Deployment', `parley-${role}`)).spec.template;
    const [{ args, resources, livenessProbe, readinessProbe, lifecycle, ports }] = spec.containers;
    expect(args).toEqual([role]);
    expect(resources).toEqual({ requests: { cpu: '250m', memory: '256Mi' }, limits: { cpu: '500m', memory: '512Mi' } });
    expect([livenessProbe.httpGet, readinessProbe.httpGet]).toEqual([
      { path: '/health', port: 'http' },
      { path: '/ready', port: 'http' },
    ]);
    expect(spec.topologySpreadConstraints[0]).toMatchObject({
      topologyKey: 'topology.kubernetes.io/zone',
      whenUnsatisfiable: 'DoNotSchedule',
    });
    const environment = all().find(({ metadata }) => metadata.name.startsWith('parley-environment-'));
    const data = environment?.data as Record<string, string>;
    expect(ports).toEqual([
      { name: 'http', containerPort: Number(role === 'worker' ? data.PARLEY_WORKER_PORT : data.PORT) },
    ]);
    // What a role needs beyond its drain time to let go of everything (apps/hub/src/commands/run.ts): 3 s for each part.
    const closing = role === 'worker' ? 12 : 9;
    const before = Number(lifecycle?.preStop.exec.command[1] ?? 0);
    expect(before > 0).toBe(role === 'gateway');
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(
      before + Number(data.PARLEY_DRAIN_SECONDS) + closing,
    );
  });

  test('gateways from 3 to 20 by CPU, workers from 3 to 20 by the age of the queue', () => {
    expect(find('overlays/production', 'HorizontalPodAutoscaler', 'parley-gateway')?.spec).toMatchObject({
      minReplicas: 3,
      maxReplicas: 20,
      metrics: [{ resource: { name: 'cpu', target: { averageUtilization: 70 } } }],
    });
    expect(find('overlays/production', 'ScaledObject', 'parley-worker')?.spec).toMatchObject({
      minReplicaCount: 3,
      maxReplicaCount: 20,
      triggers: [{ type: 'prometheus', metadata: { query: expect.stringContaining('parley_queue_age_seconds') } }, {}],
    });
    for (const role of ['gateway', 'worker']) {
      // A number here would fight with the autoscaler at every apply.
      expect(
        deployment.parse(find('overlays/production', 'Deployment', `parley-${role}`)).spec.replicas,
      ).toBeUndefined();
      expect(deployment.parse(find('overlays/small', 'Deployment', `parley-${role}`)).spec.replicas).toBe(1);
      expect(find('overlays/production', 'PodDisruptionBudget', `parley-${role}`)).toBeDefined();
      expect(find('overlays/small', 'PodDisruptionBudget', `parley-${role}`)).toBeUndefined();
    }
  });

  test('traces have somewhere to go, and may go there', () => {
    const [name = ''] = [...(rendered.get('overlays/production') ?? [])]
      .filter(({ kind, data }) => kind === 'ConfigMap' && data && 'OTEL_EXPORTER_OTLP_ENDPOINT' in Object(data))
      .map(({ data }) => String(Reflect.get(Object(data), 'OTEL_EXPORTER_OTLP_ENDPOINT')));
    const { port } = new URL(name);
    expect(find('overlays/production', 'NetworkPolicy', 'parley-traces-out')?.spec).toMatchObject({
      egress: [{ ports: [{ protocol: 'TCP', port: Number(port) }] }],
    });
    expect(find('overlays/small', 'NetworkPolicy', 'parley-traces-out')).toBeUndefined();
  });

  test('what nothing protects is not to be reached from outside', () => {
    const ingresses = all().filter(({ kind }) => kind === 'Ingress');
    const paths = ingresses.flatMap((ingress) =>
      [...JSON.stringify(ingress).matchAll(/"path":"([^"]+)"/g)].map(([, path = '']) => path),
    );
    expect(ingresses).toHaveLength(3);
    expect(paths.filter((path) => '/metrics'.startsWith(path) || '/ready'.startsWith(path))).toEqual([]);
    expect(paths).toEqual(expect.arrayContaining(['/webhooks/', '/v1/', '/chat']));
  });

  test("Kong's plugins for Kubernetes say what kong.yaml says", () => {
    const kong = z
      .object({
        services: z.array(
          z.looseObject({
            name: z.string(),
            plugins: z.array(z.object({ name: z.string(), config: z.looseObject({}) })),
          }),
        ),
      })
      .parse(readYaml('deploy/kong/kong.yaml'));
    const configOf = (service: string, plugin: string) =>
      kong.services.find(({ name }) => name === service)?.plugins.find(({ name }) => name === plugin)?.config;
    const plugin = (name: string) => find(WITH_KONG, 'KongPlugin', name)?.config as Record<string, unknown>;
    const limits = { minute: 60, hour: 1000, policy: 'redis', limit_by: 'ip', fault_tolerant: true };
    expect(configOf('parley-api', 'rate-limiting')).toMatchObject(limits);
    expect(plugin('parley-rate-limit')).toMatchObject(limits);
    expect(configOf('parley-webhooks', 'rate-limiting')).toBeUndefined();
    expect(plugin('parley-body-limit')).toEqual(configOf('parley-api', 'request-size-limiting'));
    for (const name of ['parley-rate-limit', 'parley-body-limit']) {
      const used = find(WITH_KONG, 'Ingress', 'parley-api')?.metadata.annotations as Record<string, string>;
      expect(used['konghq.com/plugins']?.split(',')).toContain(name);
    }
  });
});
