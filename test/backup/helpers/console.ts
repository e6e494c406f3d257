export const PASSWORD = 'a long password 1';

/** Signs the first administrator in, and reads what the console would show. */
export async function signIn(url: string): Promise<<T>(path: string) => Promise<T>> {
  const response = await fetch(`${url}/api/admin/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password: PASSWORD }),
  });
  if (response.status !== 200) throw new Error(`signing in: ${response.status}`);
  const cookie = response.headers.getSetCookie().map((one) => one.split(';')[0]);
  return async <T>(path: string) => {
    const answer = await fetch(`${url}/api/admin/${path}`, { headers: { cookie: cookie.join('; ') } });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return (await answer.json()) as T;
  };
}
