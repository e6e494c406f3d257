/** One rule of access: who (`principals`) may or may not (`effect`) do what (`actions`) with what (`resources`). */
export interface Policy {
  id: string;
  /** The tenant it was written for; `*`: the hub. It never reaches further than that. */
  tenant: string;
  name: string;
  effect: 'allow' | 'deny';
  /** Patterns such as `channel:write`, `*:read`, `get:*`, `*`. */
  actions: readonly string[];
  /** Patterns such as `tenant/acme/channel/*`, `hub/model/gpt-4o`, `*`. */
  resources: readonly string[];
  /** `user:ID`, `role:operator@acme`, `role:viewer@*`, or `*` for everybody who is signed in. */
  principals: readonly string[];
}

/** Who asks for access. */
export interface Subject {
  /** `user:ID` and `role:NAME@TENANT` for every role. */
  principals: readonly string[];
  /** A token's own bound: patterns of actions beyond which it may nothing, whatever its owner may. */
  onlyActions?: readonly string[] | undefined;
}

export interface AccessRequest {
  /** Every name of what is to be done: `channel:write` and, over HTTP, `put:channel`. A pattern may name any of them. */
  actions: readonly string[];
  /** `tenant/TENANT/KIND/ID` or `hub/KIND/ID`. */
  resource: string;
}

export interface AccessDecision {
  allowed: boolean;
  /** The policy that decided; absent when none said anything, which means no. */
  by?: Policy | undefined;
  /** Set when a token's own bound decided. */
  tokenBound?: true;
  /** Every policy that speaks of it, denials first. */
  matching: Policy[];
}
