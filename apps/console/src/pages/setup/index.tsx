import { Steps } from 'antd';
import { useState } from 'react';
import { useSession } from '../../api/session.tsx';
import type { ChannelEntry, Platform } from '../../api/types.ts';
import { Page } from '../../components/page.tsx';
import { Needs } from '../../components/states.tsx';
import { texts } from '../../i18n/texts.ts';
import { ChooseModel } from './choose-model.tsx';
import { ChoosePlatform } from './choose-platform.tsx';
import { Connect } from './connect.tsx';
import { Credentials } from './credentials.tsx';
import { TryIt } from './try-it.tsx';

const useText = texts({
  title: ['Connect a bot', '接入机器人'],
  lead: ['From the credentials to the first answer.', '从填写凭据到收到第一条回答。'],
  channels: ['Channels', '渠道'],
  platform: ['Platform', '平台'],
  credentials: ['Credentials', '凭据'],
  connect: ['Connection', '连接'],
  model: ['Model', '模型'],
  attempt: ['Try it', '试用'],
});

/** First start: platform → credentials, checked live → webhook or long connection → model → the first answer. */
export default function SetupPage() {
  const t = useText();
  const { me } = useSession();
  const [step, setStep] = useState(0);
  const [platform, setPlatform] = useState<Platform>();
  const [entry, setEntry] = useState<ChannelEntry>();
  const next = () => setStep((now) => now + 1);
  const back = () => setStep((now) => now - 1);
  const tenantOfEntry = entry?.config.tenant ?? me.tenants[0]?.id ?? 'default';
  return (
    <Page title={t.title} lead={t.lead} back={{ to: '/channels', label: t.channels }}>
      <Needs action="channel:write">
        <div className="stack loose" style={{ maxWidth: 820 }}>
          <Steps
            size="small"
            current={step}
            responsive
            items={[t.platform, t.credentials, t.connect, t.model, t.attempt].map((title) => ({ title }))}
          />
          {step === 0 && (
            <ChoosePlatform
              platform={platform}
              onChoose={(chosen) => {
                setPlatform(chosen);
                next();
              }}
            />
          )}
          {step === 1 && platform && (
            <Credentials
              key={platform}
              platform={platform}
              back={back}
              saved={(made) => {
                setEntry(made);
                next();
              }}
            />
          )}
          {step === 2 && entry && <Connect entry={entry} next={next} />}
          {step === 3 && <ChooseModel tenant={tenantOfEntry} back={back} next={next} />}
          {step === 4 && entry && <TryIt entry={entry} back={back} />}
        </div>
      </Needs>
    </Page>
  );
}
