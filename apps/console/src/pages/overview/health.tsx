import { Link } from 'react-router';
import { useGet } from '../../api/hooks.ts';
import { useSession } from '../../api/session.tsx';
import { Panel } from '../../components/page.tsx';
import { PlatformMark } from '../../components/platform.tsx';
import { Loaded } from '../../components/states.tsx';
import { Status } from '../../components/status.tsx';
import { Ago } from '../../components/time.tsx';
import { useFormat } from '../../i18n/format.ts';
import { texts } from '../../i18n/texts.ts';
import { useChannelHealth } from '../channels/health.ts';
import { useModelHealth } from '../models/health.ts';

const useText = texts({
  channels: ['Channels', '渠道'],
  models: ['Models', '模型'],
  all: ['All', '全部'],
});

/** Channels and models with their state, side by side. */
export function Health() {
  const t = useText();
  const format = useFormat();
  const { tenant, can } = useSession();
  const channelHealth = useChannelHealth();
  const modelHealth = useModelHealth();
  const channels = useGet('/channels', { tenant }, { enabled: can('channel:read') });
  const models = useGet('/models', {}, { enabled: can('model:read') });
  return (
    <div className="grid halves">
      {can('channel:read') && (
        <Panel title={t.channels} extra={<Link to="/channels">{t.all}</Link>} flush>
          <Loaded of={channels}>
            {({ items }) => (
              <ul className="lines">
                {items.slice(0, 8).map((entry) => {
                  const { tone, label } = channelHealth(entry.status);
                  return (
                    <li key={entry.id} className="row nowrap" style={{ gap: 12 }}>
                      <PlatformMark platform={entry.config.platform} small alone />
                      <Link to={`/channels/${entry.id}`} className="grow">
                        {entry.id}
                      </Link>
                      <span className="muted small nowrap wide-only">
                        <Ago at={entry.status.last_event_at} />
                      </span>
                      <Status tone={tone}>{label}</Status>
                    </li>
                  );
                })}
              </ul>
            )}
          </Loaded>
        </Panel>
      )}
      {can('model:read') && (
        <Panel title={t.models} extra={<Link to="/models">{t.all}</Link>} flush>
          <Loaded of={models}>
            {({ items }) => (
              <ul className="lines">
                {items.slice(0, 8).map((entry) => {
                  const { tone, label, ttftMs } = modelHealth(entry.status);
                  return (
                    <li key={entry.id} className="row nowrap" style={{ gap: 12 }}>
                      <Link to={`/models/${entry.id}`} className="grow">
                        {entry.id}
                      </Link>
                      <span className="muted small num">{ttftMs === undefined ? '' : format.ms(ttftMs)}</span>
                      <Status tone={tone}>{label}</Status>
                    </li>
                  );
                })}
              </ul>
            )}
          </Loaded>
        </Panel>
      )}
    </div>
  );
}
