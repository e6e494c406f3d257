import { useSession } from '../api/session.tsx';
import { Panel } from '../components/page.tsx';
import { texts } from '../i18n/texts.ts';
import { PasswordForm } from '../pages/profile/password.tsx';
import { Choices } from './choices.tsx';
import { Logo } from './logo.tsx';

const useText = texts({
  title: ['Choose your own password', '请设置你自己的密码'],
  why: [
    'The one you signed in with was made by somebody else, so only you should know the next.',
    '当前密码由他人生成，请设置一个只有你知道的新密码。',
  ],
});

export function MustChangePassword() {
  const t = useText();
  const { reload } = useSession();
  return (
    <main className="center">
      <div className="sign-in stack">
        <Logo />
        <h1 className="visually-hidden">{t.title}</h1>
        <Panel title={t.title} hint={t.why}>
          <PasswordForm done={() => void reload()} />
        </Panel>
        <Choices />
      </div>
    </main>
  );
}
