import type { BrowserContext } from 'playwright-core';

/** What a browser window must never do; every entry is a finding. */
export interface Watch {
  complaints: string[];
}

// What runs in the page is text: the type checker knows no DOM here.
const TELL_REFUSALS = `document.addEventListener('securitypolicyviolation', (event) => {
  const where = event.sourceFile + ':' + event.lineNumber;
  window.refusedByPolicy('the CSP refused ' + event.violatedDirective + ' ' + event.blockedURI + ' at ' + where);
});`;

/**
 * Listens to everything that goes wrong in a window: scripts that throw, dialogs that open, what the CSP refuses, and
 * scripts that were smuggled in and call `hacked`.
 */
export async function watch(context: BrowserContext): Promise<Watch> {
  const complaints: string[] = [];
  const complain = (_source: unknown, what: unknown) => void complaints.push(String(what));
  await context.exposeBinding('hacked', (_source, what: unknown = '') => complain(_source, `a script ran: ${what}`));
  await context.exposeBinding('refusedByPolicy', complain);
  await context.addInitScript({ content: TELL_REFUSALS });
  context.on('weberror', (error) => complaints.push(`a script threw: ${error.error().message}`));
  context.on('dialog', (dialog) => {
    complaints.push(`a dialog opened: ${dialog.message()}`);
    void dialog.dismiss();
  });
  context.on('console', (message) => {
    // Answers such as 401 and 404 are part of what the tests do.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      complaints.push(`the browser complained: ${message.text()}`);
    }
  });
  return { complaints };
}
