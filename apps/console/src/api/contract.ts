import type { Query } from './client.ts';
import type { Api } from './openapi.ts';

/**
 * The admin API by the addresses that pages write: `GET /channels/${id}` finds what the hub's OpenAPI document says about
 * `GET /channels/{channel}`. An address that is not there, or a body the hub would refuse, is an error of the type checker.
 */
type Endpoints = { [K in keyof Api as K extends `${infer M} ${infer P}` ? `${M} ${Shape<P>}` : never]: Api[K] };

/** Both `/channels/{channel}/test` and `/channels/${string}/test` as `/channels/:/test`. */
type Shape<P extends string> = string extends P ? '?' : P extends `/${infer Rest}` ? `/${Segments<Rest>}` : '?';
type Segments<P extends string> = P extends `${infer Head}/${infer Rest}`
  ? `${Segment<Head>}/${Segments<Rest>}`
  : Segment<P>;
type Segment<S extends string> = string extends S ? ':' : S extends `{${string}}` ? ':' : S;

type Key<M extends string, P extends string> = `${M} ${Shape<P>}`;
type EndpointOf<M extends string, P extends string> = Key<M, P> extends keyof Endpoints ? Endpoints[Key<M, P>] : never;

/** Refuses an address the API does not have: `path: P & Known<'GET', P>`. */
export type Known<M extends string, P extends string> = Key<M, P> extends keyof Endpoints ? unknown : never;
export type AnswerOf<M extends string, P extends string> = EndpointOf<M, P>['answer'];
export type BodyOf<M extends string, P extends string> = Sendable<EndpointOf<M, P>['body']>;
/** Where the hub checks more closely than the form that fills it: a document as JSON, one form for three platforms. */
export type DocumentBody = BodyOf<'POST', '/config/validate'>['document'];
export type ChannelBody = BodyOf<'POST', '/channels'>['config'];
/** What a GET can be asked; values may come from the page's own address, so the hub checks those. */
export type QueryOf<P extends string> = { [K in keyof EndpointOf<'GET', P>['query']]?: Query[string] };

/** What may be left out may be undefined as well: it is gone once it is JSON. */
type Sendable<T> = T extends readonly (infer Item)[]
  ? readonly Sendable<Item>[]
  : T extends object
    ? { [K in keyof T]: object extends Pick<T, K> ? Sendable<T[K]> | undefined : Sendable<T[K]> }
    : T;
