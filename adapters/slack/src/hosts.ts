const SLACK_HOSTS = ['slack.com', 'slack-gov.com'];

/**
 * Whether an address that came in a payload belongs to Slack (or to the host that stands in for it by `api_base_url`),
 * so that an answer or the bot's token may be sent there.
 */
export function makeHostCheck(apiBaseUrl: string | undefined): (url: string) => boolean {
  const ownOrigin = apiBaseUrl === undefined ? undefined : new URL(apiBaseUrl).origin;
  return (url) => {
    const parsed = URL.parse(url);
    if (parsed === null || parsed.username !== '' || parsed.password !== '') return false;
    if (parsed.origin === ownOrigin) return true;
    return (
      parsed.protocol === 'https:' &&
      parsed.port === '' &&
      SLACK_HOSTS.some((host) => parsed.hostname === host || parsed.hostname.endsWith(`.${host}`))
    );
  };
}
