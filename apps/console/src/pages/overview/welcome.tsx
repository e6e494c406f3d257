import { AppstoreOutlined, RocketOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useNavigate } from 'react-router';
import { useSession } from '../../api/session.tsx';
import { texts } from '../../i18n/texts.ts';

const useText = texts({
  title: ['Welcome. Let’s get a bot to answer.', '欢迎使用，先让机器人回答一个问题吧。'],
  lead: [
    'See everything work in the sandbox first, without any account, or connect your own bot right away.',
    '可以先在沙盒中体验完整流程（无需任何账号），也可以直接接入自己的机器人。',
  ],
  sandbox: ['Open the sandbox', '打开沙盒'],
  connect: ['Connect a bot', '接入机器人'],
});

/** For a hub without a channel: the two ways to a first answer. */
export function Welcome() {
  const t = useText();
  const { can, me } = useSession();
  const navigate = useNavigate();
  return (
    <section
      className="card"
      style={{ background: 'linear-gradient(120deg, var(--p-accentSoft), var(--p-surface) 70%)' }}
    >
      <div className="card-body stack" style={{ padding: '32px 28px' }}>
        <div>
          <h2 style={{ fontSize: 20, fontWeight: 650 }}>{t.title}</h2>
          <p className="muted">{t.lead}</p>
        </div>
        <div className="row">
          {me.features.sandbox && can('sandbox:use') && (
            <Button
              type="primary"
              size="large"
              icon={<AppstoreOutlined aria-hidden />}
              onClick={() => void navigate('/sandbox')}
            >
              {t.sandbox}
            </Button>
          )}
          {can('channel:write') && (
            <Button size="large" icon={<RocketOutlined aria-hidden />} onClick={() => void navigate('/setup')}>
              {t.connect}
            </Button>
          )}
        </div>
      </div>
    </section>
  );
}
