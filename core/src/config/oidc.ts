import { ROLES, type RoleName } from '../access/index.ts';

/** Sign-in through a company's identity provider. */
export interface OidcSettings {
  /** An https:// URL, or http:// on this machine. */
  issuer: string;
  clientId: string;
  /** Absent: a public client, which PKCE alone protects. */
  clientSecret: string | undefined;
  /** On the button. */
  name: string;
  /** Absent: roles are given in the console. */
  roles: readonly OidcRole[] | undefined;
}

/** Who has a claim with this value has this role. Without a claim: everybody who signs in. */
export interface OidcRole {
  claim: string | undefined;
  value: string;
  role: RoleName;
  tenant: string;
}

const MAX_ENTRIES = 200;

/**
 * `groups=hub-admins:owner@*; groups=acme-support:operator@acme; *:viewer@acme`. A claim is everything up to the first
 * `=`, a role everything after the last `:`, so that values may hold either.
 *
 * @returns undefined when an entry is not understood
 */
export function parseOidcRoles(text: string): OidcRole[] | undefined {
  const entries = text
    .split(';')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  if (entries.length === 0 || entries.length > MAX_ENTRIES) return undefined;
  const roles = entries.flatMap((entry) => parseEntry(entry) ?? []);
  return roles.length === entries.length ? roles : undefined;
}

function parseEntry(entry: string): OidcRole | undefined {
  const [, who = '', name, tenant = ''] = /^(.+):([a-z]+)@(\*|[a-zA-Z0-9][a-zA-Z0-9._-]{0,63})$/.exec(entry) ?? [];
  const role = ROLES.find((known) => known === name);
  if (!role) return undefined;
  if (who.trim() === '*') return { claim: undefined, value: '', role, tenant };
  const [, claim = '', value = ''] = /^([^=]+)=(.+)$/.exec(who) ?? [];
  return claim.trim() && value.trim() ? { claim: claim.trim(), value: value.trim(), role, tenant } : undefined;
}

/** Whether a provider may be asked there: secrets travel encrypted, or not at all. */
export function isIssuerUrl(text: string): boolean {
  const url = URL.parse(text);
  if (!url || url.username || url.password || url.search || url.hash) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

/** Whether a host is this machine, as a URL or a person writes it. */
export const isLoopback = (host: string): boolean =>
  ['localhost', '::1', '[::1]'].includes(host) || /^127(\.\d{1,3}){3}$/.test(host);
