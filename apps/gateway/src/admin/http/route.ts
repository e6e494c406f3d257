import type { AccessDecision, Policy } from '@parley/core/access';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';

/** Who is behind a request of the admin API. */
export interface Actor {
  id: string;
  username: string;
  name: string;
  via: 'session' | 'token';
  /** `user:ID` and `role:NAME@TENANT`. */
  principals: readonly string[];
  /** The policies of its roles and all that were written. */
  policies: readonly Policy[];
  /** A token's own bound. */
  onlyActions?: readonly string[] | undefined;
  /** Of the session's cookie. */
  sessionId?: string | undefined;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** What is shared by everything an endpoint's handler is given. */
export interface RouteContext {
  actor: Actor;
  request: FastifyRequest;
  reply: FastifyReply;
  /** Whether the actor may do this (or another action) with something of a tenant: for lists, and for details of an answer. */
  may(tenant: string, action?: string, id?: string): boolean;
  /** @throws ParleyError `forbidden` that names the action */
  require(tenant: string, action?: string, id?: string): void;
  /**
   * Looks anew who sends the request; from then on `may` says what holds now. For answers that take long.
   *
   * @throws ParleyError `unauthorized` once the session or the token has ended
   */
  renew(): Promise<void>;
  /** Says what the present state is called (`ETag`). */
  tag(state: unknown): void;
  /** @throws ParleyError `precondition_failed` unless the caller's `If-Match` names this state */
  assertUnchanged(state: unknown): void;
  /** What the audit log keeps about this request beside action and resource; for changes a difference. No secrets. */
  note(detail: Record<string, unknown>): void;
}

export interface RouteInput<P, Q, B> extends RouteContext {
  params: P;
  query: Q;
  body: B;
}

/**
 * One endpoint of the admin API: everything that the server, the OpenAPI document and the test that nothing stands open
 * need to know. Made by `route`, which ties the handler's types to the schemas.
 */
export interface AdminRoute {
  method: Method;
  /** Below `/api/admin`, parameters as `:name`. */
  path: string;
  /** `kind:verb`. `open`: for everybody; `self`: for whoever is signed in, about themselves. */
  action: `${string}:${string}` | 'open' | 'self';
  summary: string;
  tag: string;
  params?: z.ZodType | undefined;
  query?: z.ZodType | undefined;
  body?: z.ZodType | undefined;
  /** Of the answer's JSON; absent: no JSON (a stream, a file, 204). */
  response?: z.ZodType | undefined;
  status?: 200 | 201 | 202 | 204 | undefined;
  /** Content type where the answer is no JSON. */
  produces?: string | undefined;
  /** The caller has to say which state it changes (`If-Match`). */
  conditional?: boolean | undefined;
  /** Repeated with the same `Idempotency-Key` it happens once. */
  idempotent?: boolean | undefined;
  /** The tenant whose policies decide. Default: the parameter or query `tenant`; else the hub (see `scope`). */
  tenantOf?: ((input: { params: unknown; query: unknown; body: unknown }) => string | undefined) | undefined;
  /**
   * What to ask when no tenant is named. `hub`: the action on the hub's own resource. `any`: it is enough to have it in
   * one tenant, and the handler shows only what `may` allows.
   */
  scope?: 'hub' | 'any' | undefined;
  /** No record in the audit log although it is not a GET (a test, a sign-in that writes its own). */
  quiet?: boolean | undefined;
  handle: (input: RouteInput<never, never, never>) => unknown;
}

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;

export interface RouteDefinition<P, Q, B, R>
  extends Omit<AdminRoute, 'params' | 'query' | 'body' | 'response' | 'handle' | 'tenantOf'> {
  params?: P;
  query?: Q;
  body?: B;
  response?: R;
  tenantOf?: (input: { params: Parsed<P>; query: Parsed<Q>; body: Parsed<B> }) => string | undefined;
  handle: (
    input: RouteInput<Parsed<P>, Parsed<Q>, Parsed<B>>,
  ) => R extends z.ZodType ? z.input<R> | Promise<z.input<R>> : unknown;
}

/** An endpoint whose handler is typed by its schemas. */
export function route<
  P extends z.ZodType | undefined = undefined,
  Q extends z.ZodType | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
  R extends z.ZodType | undefined = undefined,
>(definition: RouteDefinition<P, Q, B, R>): AdminRoute {
  return definition as unknown as AdminRoute;
}

/** A decision together with what was asked: for explanations and records of denials. */
export interface Asked {
  action: string;
  resource: string;
  decision: AccessDecision;
}
