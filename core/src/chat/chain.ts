import { type ModelConfig, modelSchema } from '../config/index.ts';
import type { AnswerRequest } from './types.ts';

/** What answers when no model is configured at all, so that a fresh hub can be tried offline. */
export const ECHO_MODEL: ModelConfig = modelSchema.parse({ id: 'echo', provider: 'echo' });

/**
 * The models to try, in order: the picked one if the tenant has it, then the tenant's own list. A tenant without a
 * list gets the first model there is. Empty when none of the tenant's models exists (any more).
 */
export function modelChain(
  { tenant, preferredModel }: Pick<AnswerRequest, 'tenant' | 'preferredModel'>,
  models: ReadonlyMap<string, ModelConfig>,
): ModelConfig[] {
  if (tenant.models.length === 0) {
    const [first = ECHO_MODEL] = models.values();
    return [first];
  }
  const picked = tenant.models.filter((id) => id === preferredModel);
  // A set keeps the order and drops the picked model's second mention.
  return [...new Set([...picked, ...tenant.models])].flatMap((id) => models.get(id) ?? []);
}
