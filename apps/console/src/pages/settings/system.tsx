import { useGet } from '../../api/hooks.ts';
import { Panel } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { Status } from '../../components/status.tsx';
import { useFormat } from '../../i18n/format.ts';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  hub: ['This hub', '本服务'],
  version: ['Version', '版本'],
  node: ['Node', 'Node'],
  role: ['Role', '角色'],
  schema: ['Database schema', '数据库结构版本'],
  uptime: ['Running for', '运行时间'],
  stores: ['Stores', '存储'],
  ok: ['reachable', '正常'],
  away: ['not reachable', '无法连接'],
  memory: ['Memory', '内存'],
});

export function System() {
  const t = useText();
  const format = useFormat();
  const state = useGet('/system', {}, { everyMs: 10_000 });
  const store = (ok: boolean, latency: number | null) => (
    <Status tone={ok ? 'good' : 'bad'}>
      {ok ? t.ok : t.away}{' '}
      {latency !== null && (
        <span className="muted num">{latency < 10 ? `${latency.toFixed(1)} ms` : format.ms(latency)}</span>
      )}
    </Status>
  );
  return (
    <Loaded of={state}>
      {(data) => (
        <div className="grid halves">
          <Panel title={t.hub}>
            <dl className="facts">
              <dt>{t.version}</dt>
              <dd>{data.version}</dd>
              <dt>{t.node}</dt>
              <dd>{data.node}</dd>
              <dt>{t.role}</dt>
              <dd className="mono">{data.role}</dd>
              <dt>{t.schema}</dt>
              <dd>{data.schema_version}</dd>
              <dt>{t.uptime}</dt>
              <dd>{format.ms(data.uptime_seconds * 1000)}</dd>
            </dl>
          </Panel>
          <Panel title={t.stores}>
            <dl className="facts">
              <dt>Redis</dt>
              <dd>{store(data.redis.ok, data.redis.latency_ms)}</dd>
              <dt>{t.memory}</dt>
              <dd>{format.bytes(data.redis.memory_bytes)}</dd>
              <dt>Postgres</dt>
              <dd>{store(data.postgres.ok, data.postgres.latency_ms)}</dd>
            </dl>
          </Panel>
        </div>
      )}
    </Loaded>
  );
}
