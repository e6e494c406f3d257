import { useLocation } from 'react-router';
import { SessionProvider, useMe } from '../api/session.tsx';
import { Failed } from '../components/states.tsx';
import { SignIn } from '../pages/sign-in/index.tsx';
import { Frame } from './frame.tsx';
import { MustChangePassword } from './must-change-password.tsx';
import { PageWaits } from './page-states.tsx';

/** Nobody gets past without being signed in; whoever is, finds the page they asked for. */
export function Gate() {
  const me = useMe();
  const { pathname, search } = useLocation();
  if (me.isPending) return <PageWaits />;
  if (me.data) {
    return (
      <SessionProvider me={me.data}>
        {me.data.user.must_change_password ? <MustChangePassword /> : <Frame />}
      </SessionProvider>
    );
  }
  if (me.error) {
    return (
      <main className="center">
        <Failed error={me.error} retry={() => void me.refetch()} />
      </main>
    );
  }
  return <SignIn returnTo={pathname + search} />;
}
