/** The last of the dated versions; since then Azure develops the undated v1 API only. */
const DEFAULT_API_VERSION = '2025-04-01-preview';

/** Where an Azure client points. Without `apiVersion` it is the v1 API, which the plain OpenAI client speaks. */
export interface AzureTarget {
  baseUrl: string;
  apiVersion?: string;
}

/**
 * What an Azure model's `base_url` means. Accepted are, with `NAME` the deployment (the model's `model`):
 *
 * - `https://RESOURCE.openai.azure.com`: the resource; the SDK adds `/openai/deployments/NAME`
 * - `…/openai` or `…/openai/deployments/NAME`: as the SDK's `baseURL` takes it
 * - `…/openai/v1`: the undated v1 API; the plain client, the deployment goes as the model's name
 *
 * `?api-version=…` picks another version of the dated API.
 * Source: `azure.mjs` and `azure.md` of the openai SDK.
 */
export function azureTarget(baseUrl: string): AzureTarget {
  const url = new URL(baseUrl);
  const apiVersion = url.searchParams.get('api-version') ?? DEFAULT_API_VERSION;
  const path = url.pathname.replace(/\/+$/, '');
  if (path.endsWith('/openai/v1')) return { baseUrl: `${url.origin}${path}` };
  return { baseUrl: `${url.origin}${path === '' ? '/openai' : path}`, apiVersion };
}

/**
 * Whether the API behind a `base_url` knows `max_completion_tokens` and `stream_options`. They came with
 * 2024-09-01-preview, but the stable 2024-10-21 was cut from an older branch and refuses both.
 * Source: `inference/stable/2024-10-21/inference.json` in Azure/azure-rest-api-specs.
 */
export function azureIsCurrent(baseUrl: string): boolean {
  const { apiVersion } = azureTarget(baseUrl);
  return apiVersion === undefined || (apiVersion >= '2024-09-01' && apiVersion !== '2024-10-21');
}
