/** The value the server put into the page for this one response; styles without it are refused by the CSP. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';

/**
 * Marks every style element that is made from now on. Ant Design takes a nonce for most of its styles; some parts of it
 * (the measuring of scrollbars) do not ask for one.
 */
export function markStyles(): void {
  const make = document.createElement.bind(document);
  document.createElement = ((name: string, options?: ElementCreationOptions) => {
    const element = make(name, options);
    if (element instanceof HTMLStyleElement) element.nonce = nonce;
    return element;
  }) as typeof document.createElement;
}
