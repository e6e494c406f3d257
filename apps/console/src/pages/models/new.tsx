import { Page } from '../../components/page.tsx';
import { Needs } from '../../components/states.tsx';
import { texts } from '../../i18n/texts.ts';
import { ModelForm } from './model-form.tsx';

const useText = texts({ title: ['Add a model', '添加模型'], models: ['Models', '模型'] });

export default function NewModelPage() {
  const t = useText();
  return (
    <Page title={t.title} back={{ to: '/models', label: t.models }}>
      <Needs action="model:write">
        <ModelForm />
      </Needs>
    </Page>
  );
}
