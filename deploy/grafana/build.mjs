// Writes the dashboards: node deploy/grafana/build.mjs. A test wants the files to be what this makes, and every expression
// to have data in a real Prometheus that scrapes a running hub.
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const RATE = '[$__rate_interval]';
const p = (quantile, metric, by) =>
  `histogram_quantile(${quantile}, sum by (${by}, le) (rate(${metric}_bucket${RATE})))`;
const rate = (by, metric) => `sum by (${by}) (rate(${metric}${RATE}))`;
const row = (title, ...panels) => ({ title, panels });
const panel = (title, unit, expr, legend, more = {}) => ({ title, unit, expr, legend, ...more });

const overview = {
  uid: 'parley-overview',
  title: 'Parley: what people see',
  rows: [
    row(
      'Objectives',
      panel('Answered, 3 days (objective 99.9 %)', 'percentunit', '1 - parley:slo_errors:ratio_rate3d', 'answered', {
        type: 'stat',
      }),
      panel(
        'First words within 3 s, 3 days (objective 99 %)',
        'percentunit',
        '1 - parley:slo_slow:ratio_rate3d',
        'in time',
        { type: 'stat' },
      ),
      panel(
        'Burning of the success budget (1 = lasts 30 days)',
        'none',
        'parley:slo_errors:ratio_rate1h / 0.001',
        'last hour',
      ),
      panel(
        'Burning of the speed budget (1 = lasts 30 days)',
        'none',
        'parley:slo_slow:ratio_rate1h / 0.01',
        'last hour',
      ),
    ),
    row(
      'Rate, errors, duration by platform',
      panel('Events', 'ops', rate('platform', 'parley_events_total'), '{{platform}}'),
      panel(
        'Turns by outcome',
        'ops',
        rate('platform, status', 'parley_turn_duration_seconds_count'),
        '{{platform}} {{status}}',
      ),
      panel('Failing share', 'percentunit', 'parley:errors:ratio5m', '{{platform}}'),
      panel(
        'First visible words: P50, P99',
        's',
        [p(0.5, 'parley_first_visible_seconds', 'platform'), p(0.99, 'parley_first_visible_seconds', 'platform')],
        ['{{platform}} P50', '{{platform}} P99'],
      ),
      panel(
        'Whole answers: P50, P99',
        's',
        [p(0.5, 'parley_turn_duration_seconds', 'platform'), p(0.99, 'parley_turn_duration_seconds', 'platform')],
        ['{{platform}} P50', '{{platform}} P99'],
      ),
      panel("The hub's own time: P95", 's', 'parley:own_time:p95_5m', '{{platform}}'),
      panel('Where the time goes: P95', 's', p(0.95, 'parley_turn_phase_seconds', 'phase'), '{{phase}}'),
      panel('Questions refused', 'ops', rate('reason', 'parley_refusals_total'), '{{reason}}'),
      panel(
        'Three slow turns in a row, an hour',
        'short',
        'sum by (platform) (increase(parley_slow_streaks_total[1h]))',
        '{{platform}}',
      ),
      panel(
        'Chat API: requests',
        'ops',
        rate('route, status', 'parley_api_duration_seconds_count'),
        '{{route}} {{status}}',
      ),
      panel('Chat API: P95', 's', p(0.95, 'parley_api_duration_seconds', 'route'), '{{route}}'),
    ),
    row(
      'Queue',
      panel('Messages waiting', 'short', 'max(parley_queue_depth)', 'waiting'),
      panel('Longest wait for a worker', 's', 'max(parley_queue_age_seconds)', 'age'),
      panel('Conversations being answered', 'short', 'sum by (instance) (parley_active_turns)', '{{instance}}'),
      panel(
        'Dead letters',
        'short',
        ['max by (tenant) (parley_dead_letters)', 'max by (tenant) (parley_dead_letters_dropped)'],
        ['{{tenant}}', '{{tenant}} dropped'],
      ),
    ),
    row(
      'Tokens and money',
      panel('Tokens', 'short', rate('tenant, direction', 'parley_tokens_total'), '{{tenant}} {{direction}}'),
      panel('Dollars an hour', 'currencyUSD', `3600 * ${rate('tenant', 'parley_cost_usd_total')}`, '{{tenant}}'),
      panel('Answer cache', 'ops', rate('outcome, level', 'parley_cache_lookups_total'), '{{outcome}} {{level}}'),
      panel('Memory of the answer cache', 'bytes', 'sum by (instance) (parley_cache_bytes)', '{{instance}}'),
    ),
  ],
};

const inside = {
  uid: 'parley-inside',
  title: 'Parley: inside',
  rows: [
    row(
      'Events',
      panel('By what became of them', 'ops', rate('outcome', 'parley_events_total'), '{{outcome}}'),
      panel(
        'Delivered again and dropped',
        'ops',
        'sum by (platform) (rate(parley_events_total{outcome="duplicate"}[$__rate_interval]))',
        '{{platform}}',
      ),
      panel(
        'Webhooks: P95',
        's',
        p(0.95, 'parley_webhook_duration_seconds', 'platform, status'),
        '{{platform}} {{status}}',
      ),
      panel('Long connections', 'short', 'sum by (channel) (parley_connection_owned)', '{{channel}}'),
    ),
    row(
      'Models',
      panel('Calls', 'ops', rate('model, status', 'parley_model_calls_total'), '{{model}} {{status}}'),
      panel('First token: P95', 's', p(0.95, 'parley_model_first_token_seconds', 'model'), '{{model}}'),
      panel('Whole calls: P95', 's', p(0.95, 'parley_model_duration_seconds', 'model, status'), '{{model}} {{status}}'),
      panel(
        'Breakers (0 closed, 1 half open, 2 open)',
        'short',
        'max by (model, endpoint) (parley_breaker_state)',
        '{{model}} {{endpoint}}',
      ),
    ),
    row(
      'Platforms',
      panel(
        'Calls that failed',
        'ops',
        rate('platform, code', 'parley_platform_errors_total'),
        '{{platform}} {{code}}',
      ),
      panel(
        "Waits for the platform's pace: P95",
        's',
        p(0.95, 'parley_governor_wait_seconds', 'platform'),
        '{{platform}}',
      ),
    ),
    row(
      'What it stands on',
      panel('Usable (1) or not (0)', 'short', 'min by (dependency) (parley_dependency_up)', '{{dependency}}'),
      panel('Connections to Redis', 'short', 'sum by (state) (parley_redis_connections)', '{{state}}'),
      panel('Connections to Postgres', 'short', 'sum by (state) (parley_postgres_connections)', '{{state}}'),
      panel('Turns that Postgres has not taken', 'short', 'max(parley_archive_depth)', 'waiting'),
      panel(
        'Configuration reloads',
        'short',
        'sum by (outcome) (increase(parley_config_reloads_total[1h]))',
        '{{outcome}}',
      ),
    ),
    row(
      'Backups',
      panel(
        'Age of the last good one, and how old it may be',
        's',
        ['time() - max by (kind) (parley_backup_last_success_timestamp_seconds)', 'max(parley_backup_max_age_seconds)'],
        ['{{kind}}', 'limit'],
      ),
      panel('Size of the last one', 'bytes', 'max by (kind) (parley_backup_last_bytes)', '{{kind}}'),
      panel(
        'Since one was read back and found whole',
        's',
        'time() - max(parley_backup_last_verified_timestamp_seconds)',
        'verified',
      ),
    ),
    row(
      'Processes',
      panel('CPU (1 = one core)', 'percentunit', 'parley:cpu:cores5m', '{{job}} {{instance}}'),
      panel('Memory', 'bytes', 'process_resident_memory_bytes{job=~"parley.*"}', '{{job}} {{instance}}'),
      panel('Event loop lag: P99', 's', 'nodejs_eventloop_lag_p99_seconds{job=~"parley.*"}', '{{job}} {{instance}}'),
      panel('Spans of traces', 'ops', rate('outcome', 'parley_trace_spans_total'), '{{outcome}}'),
      panel('Heap used', 'bytes', 'nodejs_heap_size_used_bytes{job=~"parley.*"}', '{{job}} {{instance}}'),
    ),
  ],
};

const WIDTH = 24;
const [PANEL_WIDTH, PANEL_HEIGHT] = [6, 7];
const DATASOURCE = { type: 'prometheus', uid: 'parley-prometheus' };

/** Grafana's own shape: rows, and panels four to a line below each. */
function dashboard({ uid, title, rows }) {
  const panels = [];
  let y = 0;
  const add = (one) => panels.push({ id: panels.length + 1, ...one });
  for (const { title: heading, panels: inRow } of rows) {
    add({ type: 'row', title: heading, collapsed: false, panels: [], gridPos: { x: 0, y, w: WIDTH, h: 1 } });
    y += 1;
    inRow.forEach((one, index) => {
      const gridPos = {
        x: (index * PANEL_WIDTH) % WIDTH,
        y: y + Math.floor((index * PANEL_WIDTH) / WIDTH) * PANEL_HEIGHT,
        w: PANEL_WIDTH,
        h: PANEL_HEIGHT,
      };
      add(toPanel(one, gridPos));
    });
    y += Math.ceil((inRow.length * PANEL_WIDTH) / WIDTH) * PANEL_HEIGHT;
  }
  return {
    uid,
    title,
    tags: ['parley'],
    schemaVersion: 39,
    version: 1,
    editable: false,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    timezone: 'browser',
    templating: { list: [] },
    annotations: { list: [] },
    links: [{ type: 'dashboards', tags: ['parley'], title: 'Parley', asDropdown: false }],
    panels,
  };
}

function toPanel({ title, unit, expr, legend, type = 'timeseries' }, gridPos) {
  const [exprs, legends] = [[expr].flat(), [legend].flat()];
  return {
    type,
    title,
    gridPos,
    datasource: DATASOURCE,
    targets: exprs.map((one, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: DATASOURCE,
      expr: one,
      legendFormat: legends[index],
    })),
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    options:
      type === 'stat'
        ? { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'value', graphMode: 'area' }
        : { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
  };
}

const folder = process.argv[2] ?? fileURLToPath(new URL('dashboards', import.meta.url));
mkdirSync(folder, { recursive: true });
for (const one of [overview, inside])
  writeFileSync(`${folder}/${one.uid}.json`, `${JSON.stringify(dashboard(one), null, 2)}\n`);
