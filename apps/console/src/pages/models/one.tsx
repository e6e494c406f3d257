import { useParams } from 'react-router';
import { seg } from '../../api/client.ts';
import { useGet } from '../../api/hooks.ts';
import { useEditing } from '../../components/form/editing.ts';
import { OriginBadge } from '../../components/origin.tsx';
import { Page } from '../../components/page.tsx';
import { PageTabs } from '../../components/page-tabs.tsx';
import { Loaded, Needs } from '../../components/states.tsx';
import { Status } from '../../components/status.tsx';
import { texts } from '../../i18n/texts.ts';
import { useModelHealth } from './health.ts';
import { ModelForm } from './model-form.tsx';
import { ModelState } from './state.tsx';

const useText = texts({ models: ['Models', '模型'], state: ['State', '状态'], settings: ['Settings', '设置'] });

export default function ModelPage() {
  const t = useText();
  const { model = '' } = useParams();
  const answer = useGet(`/models/${seg(model)}`, {}, { everyMs: 10_000 });
  const editing = useEditing(answer);
  const health = useModelHealth();
  const entry = answer.data?.data;
  const state = entry && health(entry.status);
  return (
    <Page
      title={model}
      back={{ to: '/models', label: t.models }}
      mark={
        entry && (
          <span className="row">
            {state && <Status tone={state.tone}>{state.label}</Status>}
            <OriginBadge origin={entry.origin} />
          </span>
        )
      }
    >
      <Needs action="model:read">
        <Loaded of={answer} rows={8}>
          {(data) => (
            <PageTabs
              items={[
                { key: 'state', label: t.state, children: <ModelState entry={data} /> },
                {
                  key: 'settings',
                  label: t.settings,
                  children: editing.base && <ModelForm key={editing.version} editing={editing} />,
                },
              ]}
            />
          )}
        </Loaded>
      </Needs>
    </Page>
  );
}
