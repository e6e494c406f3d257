/** Longest name of a person in a reply. */
const NAME_MAX = 64;
/** What platforms read as a mention, a link or markup: a name is only a name. */
const MARKUP = /[\\`*_~[\](){}<>#|@!&\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * A rule's reply with `{name}` and `{platform}` filled in; any other `{placeholder}` stays as it is. A person's name comes
 * from outside and cannot bring markup or mentions along; without a name nothing stands there.
 */
export function renderReply(text: string, { name, platform }: { name?: string | undefined; platform: string }): string {
  const values: Record<string, string> = {
    name: (name ?? '').replace(MARKUP, ' ').replace(/\s+/g, ' ').trim().slice(0, NAME_MAX),
    platform,
  };
  return text.replace(/\{(name|platform)\}/g, (_, key: string) => values[key] ?? '');
}
