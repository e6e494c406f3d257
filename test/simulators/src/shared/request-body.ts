import type { SimRequest } from './http-server.ts';

/**
 * The parameters of an API call, however they were sent: query, JSON object, urlencoded or multipart form. Files of a form
 * become `{ file_name, size }`. `undefined`: the body cannot be read as what its content type says.
 */
export async function readParameters(request: SimRequest): Promise<Record<string, unknown> | undefined> {
  const parameters: Record<string, unknown> = Object.fromEntries(request.query);
  if (request.body.length === 0) return parameters;
  const type = request.headers['content-type'] ?? '';
  try {
    if (type.startsWith('application/json')) {
      const json: unknown = JSON.parse(request.body.toString('utf8'));
      if (json === null || typeof json !== 'object' || Array.isArray(json)) return undefined;
      return { ...parameters, ...json };
    }
    if (type.startsWith('application/x-www-form-urlencoded')) {
      return { ...parameters, ...Object.fromEntries(new URLSearchParams(request.body.toString('utf8'))) };
    }
    if (type.startsWith('multipart/form-data')) {
      const form = await new Response(new Uint8Array(request.body), { headers: { 'content-type': type } }).formData();
      for (const [name, value] of form) {
        parameters[name] = typeof value === 'string' ? value : { file_name: value.name, size: value.size };
      }
      return parameters;
    }
  } catch {
    return undefined;
  }
  return undefined;
}
