import type { OidcRole } from '../config/index.ts';
import type { RoleGrant } from './types.ts';

/** Somebody whom an identity provider vouches for. */
export interface OidcIdentity {
  issuer: string;
  subject: string;
  /** What it would be called here; may be taken. */
  username: string;
  name: string;
  email: string | null;
  /** What its claims give; undefined: roles are given in the console. */
  roles: RoleGrant[] | undefined;
}

type Claims = Readonly<Record<string, unknown>> & { sub: string };

const MAX_NAME = 200;
const MAX_USERNAME = 60;
/** Of a list in a claim; nobody is in more groups that matter here. */
const MAX_VALUES = 2_000;

export function identityOf(issuer: string, claims: Claims, mapping: readonly OidcRole[] | undefined): OidcIdentity {
  const email = claims.email_verified === false ? undefined : textOf(claims.email, 254);
  const username = textOf(claims.preferred_username, 500) ?? email ?? claims.sub;
  return {
    issuer,
    subject: claims.sub,
    username: toUsername(username),
    name: textOf(claims.name, MAX_NAME) ?? '',
    email: email ?? null,
    roles: mapping && rolesFrom(claims, mapping),
  };
}

/** The roles that claims give: a claim that is the value, or a list that has it. */
export function rolesFrom(claims: Readonly<Record<string, unknown>>, mapping: readonly OidcRole[]): RoleGrant[] {
  const given = mapping.filter(
    ({ claim, value }) => claim === undefined || valuesOf(claims, claim).some((one) => one === value),
  );
  const unique = new Map(given.map(({ role, tenant }) => [`${role}@${tenant}`, { role, tenant }]));
  return [...unique.values()];
}

/** A claim by its name, or by its path: `realm_access.roles`. */
function valuesOf(claims: Readonly<Record<string, unknown>>, claim: string): string[] {
  const own = (from: unknown, key: string): unknown =>
    typeof from === 'object' && from !== null && Object.hasOwn(from, key) ? Reflect.get(from, key) : undefined;
  const value = own(claims, claim) ?? claim.split('.').reduce(own, claims as unknown);
  const list = Array.isArray(value) ? value.slice(0, MAX_VALUES) : [value];
  return list
    .filter((one) => typeof one === 'string' || typeof one === 'number' || typeof one === 'boolean')
    .map(String);
}

/** Something that is a user name here. */
export function toUsername(text: string): string {
  const plain = text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9._@+-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, MAX_USERNAME);
  return plain === '' ? 'user' : plain;
}

function textOf(value: unknown, max: number): string | undefined {
  if (typeof value !== 'string') return undefined;
  const text = value.replace(/\p{Cc}/gu, ' ').trim();
  return text === '' ? undefined : text.slice(0, max);
}
