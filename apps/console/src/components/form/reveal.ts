type FieldName = readonly (string | number)[];

/** Frames to wait for a tab and a section to open; by then a page that is able to has done so. */
const MAX_FRAMES = 120;

/**
 * Brings the first of these fields, in reading order, to view and puts the cursor into it: opens the tab and the section
 * it stands in. The form needs a `name`, which the ids of its fields begin with.
 */
export function revealFirst(form: string, names: readonly FieldName[]): void {
  const fields = names.flatMap((name) => document.getElementById([form, ...name].join('_')) ?? []);
  const [first] = fields.sort((a, b) => (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_PRECEDING ? 1 : -1));
  if (!first) return;
  const panel = first.closest('[role="tabpanel"][hidden]');
  document.getElementById(panel?.getAttribute('aria-labelledby') ?? '')?.click();
  first.closest('.ant-collapse-item')?.querySelector<HTMLElement>('[aria-expanded="false"]')?.click();
  focusWhenShown(first, MAX_FRAMES);
}

function focusWhenShown(field: HTMLElement, frames: number): void {
  if (field.checkVisibility()) {
    field.focus({ preventScroll: true });
    // In the middle: the label above and the mistake below are to be seen with it.
    field.scrollIntoView({ block: 'center' });
  } else if (frames > 0) {
    requestAnimationFrame(() => focusWhenShown(field, frames - 1));
  }
}
