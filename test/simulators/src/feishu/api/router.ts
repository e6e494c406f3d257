import { type ApiGuard, runApiCall, type SimRequest, type SimResponse } from '../../shared/index.ts';
import { errorResponse, FeishuError, feishuError, throttled } from '../errors.ts';
import { type JsonObject, parseObject } from '../json.ts';
import type { Limits } from '../limits.ts';
import type { Tokens } from '../tokens.ts';

export interface ApiCallContext {
  params: Record<string, string>;
  query: URLSearchParams;
  body: JsonObject;
  /** Size of the request body as it came. */
  bodyBytes: number;
}

export interface Route {
  /** HTTP method and path, `:name` standing for one segment. */
  at: string;
  /** The name the SDK has for it: what faults and recorded calls go by. */
  name: string;
  /** Needs no token. */
  open?: true;
  run(call: ApiCallContext): SimResponse;
}

export interface RouterDeps {
  guard: ApiGuard;
  tokens: Tokens;
  limits: Limits;
}

/** Makes the request handler of the open platform's API. */
export function createRouter(routes: Route[], deps: RouterDeps): (request: SimRequest) => Promise<SimResponse | 'cut'> {
  const table = routes.map((route) => ({ route, segments: route.at.split(/[ /]+/) }));

  return async (request) => {
    const wanted = `${request.method}${request.path}`.split('/');
    for (const { route, segments } of table) {
      const params = match(segments, wanted);
      if (params === undefined) continue;
      const body = request.body.length === 0 ? {} : parseObject(request.body.toString('utf8'));
      const recorded = { ...Object.fromEntries(request.query), ...body, ...params };
      return runApiCall(deps.guard, { method: route.name, body: recorded }, () =>
        run(route, request, params, body, deps),
      );
    }
    const unknown = { method: `${request.method} ${request.path}`, body: Object.fromEntries(request.query) };
    return runApiCall(deps.guard, unknown, () => ({ status: 404, body: '404 page not found' }));
  };
}

function run(
  route: Route,
  request: SimRequest,
  params: Record<string, string>,
  body: JsonObject | undefined,
  { tokens, limits }: RouterDeps,
): SimResponse {
  try {
    if (!route.open) tokens.check(request.headers.authorization);
    const waitSeconds = limits.call(route.name);
    if (waitSeconds > 0) return throttled(waitSeconds);
    if (body === undefined) throw feishuError(9499, 'Bad Request');
    return route.run({ params, query: request.query, body, bodyBytes: request.body.length });
  } catch (error) {
    if (error instanceof FeishuError) return errorResponse(error);
    throw error;
  }
}

function match(segments: string[], wanted: string[]): Record<string, string> | undefined {
  if (segments.length !== wanted.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const value = wanted[index] ?? '';
    if (segment.startsWith(':')) params[segment.slice(1)] = value;
    else if (segment !== value) return undefined;
  }
  return params;
}
