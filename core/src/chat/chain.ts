import { type ModelConfig, modelSchema, type TenantConfig } from '../config/index.ts';

/** What answers when no model is configured at all, so that a fresh hub can be tried offline. */
export const ECHO_MODEL: ModelConfig = modelSchema.parse({ id: 'echo', provider: 'echo' });

export interface ChainRequest {
  tenant: TenantConfig;
  /** Named by a rule of the tenant. */
  routedModel?: string | undefined;
  /** Picked for this conversation by `/model` or by the caller; tried before the tenant's list. */
  preferredModel?: string | undefined;
  /** Only the preferred model may answer. */
  onlyModel?: boolean | undefined;
  question?: string | undefined;
  hasHistory?: boolean | undefined;
  /** The budget allows for this one only. */
  downgradeTo?: string | undefined;
}

/**
 * The models to try, in order: the one that a rule names, else the picked one if the tenant has it, else the cheap one for
 * a short question that begins a conversation; then the tenant's own list. A tenant without a list gets the first model
 * there is. Empty when none of the tenant's models exists (any more).
 */
export function modelChain(request: ChainRequest, models: ReadonlyMap<string, ModelConfig>): ModelConfig[] {
  const { tenant, routedModel, preferredModel, onlyModel, downgradeTo } = request;
  if (downgradeTo !== undefined) return known([downgradeTo], models);
  const own = tenant.models.length > 0 ? tenant.models : firstOf(models);
  const picked = routedModel === undefined ? own.filter((id) => id === preferredModel) : [routedModel];
  if (onlyModel) return known(picked, models);
  // A set keeps the order and drops the second mention.
  return known([...new Set([...picked, ...cheap(request, picked), ...own])], models);
}

/** A model that somebody picked is what they want, also for short questions. */
function cheap({ tenant: { short_query }, question, hasHistory }: ChainRequest, picked: string[]): string[] {
  if (!short_query || picked.length > 0 || hasHistory || question === undefined) return [];
  return [...question.trim()].length <= short_query.max_characters ? [short_query.model] : [];
}

const firstOf = (models: ReadonlyMap<string, ModelConfig>) => [models.keys().next().value ?? ECHO_MODEL.id];

function known(ids: readonly string[], models: ReadonlyMap<string, ModelConfig>): ModelConfig[] {
  return ids.flatMap((id) => models.get(id) ?? (id === ECHO_MODEL.id && models.size === 0 ? ECHO_MODEL : []));
}
