import type { ProviderName } from '../config/index.ts';
import { ParleyError } from '../errors/index.ts';
import type { ModelCall } from './types.ts';
import { VENDORS } from './vendors.ts';

/** Where and with which key a call is made. Holds a key: stays inside this folder. */
export interface Place {
  provider: ProviderName;
  baseUrl: string;
  apiKey: string | undefined;
  /** The address came from the console: it must not lead into the own network. */
  isChecked: boolean;
}

/**
 * The caller's endpoint, else the model's first, else the vendor's own.
 *
 * Throws `model_auth` when the call has no key although the API demands one, or one that no HTTP header can hold.
 */
export function placeOf({ model, baseUrl, apiKey, isChecked = false }: ModelCall): Place {
  const { provider } = model;
  const vendor = VENDORS[provider];
  const url = baseUrl ?? model.endpoints[0]?.base_url ?? vendor.baseUrl;
  if (url === undefined) throw new ParleyError('model_invalid_request', `model ${model.id} has no endpoint`);
  if (apiKey === undefined && vendor.needsKey) {
    throw new ParleyError('model_auth', `model ${model.id}: provider ${provider} needs a key and has none`);
  }
  // fetch would refuse such a header with an error that quotes the key.
  if (apiKey !== undefined && !/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new ParleyError('model_auth', `model ${model.id}: a key holds white space or other impossible characters`);
  }
  return { provider, baseUrl: url, apiKey, isChecked };
}
