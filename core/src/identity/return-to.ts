/** Where people land when nobody said better. */
export const HOME = '/';
const MAX_LENGTH = 2_000;

/**
 * A path of this hub to go to after signing in; anything else becomes the start page, so that no link to this hub leads
 * elsewhere, and nothing can be put into the header `Location`.
 */
export function safeReturnTo(wanted: string | undefined): string {
  if (wanted === undefined || wanted.length > MAX_LENGTH) return HOME;
  // Browsers take `\` for `/`, and drop tabs and line breaks before they look.
  if (!/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(wanted)) return HOME;
  const base = 'http://parley.invalid';
  const url = URL.parse(wanted, base);
  if (url?.origin !== base) return HOME;
  const path = url.pathname + url.search + url.hash;
  return path.startsWith('//') || path.startsWith('/api/') ? HOME : path;
}
