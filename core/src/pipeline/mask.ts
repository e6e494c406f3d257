import type { TenantConfig } from '../config/index.ts';
import type { PipelineDeps } from './types.ts';

/**
 * What people say to each other past the models, as it is kept: personal data replaced as in a question, because a model
 * may read it later.
 */
export async function maskText(
  { tenant, conversation, text }: { tenant: TenantConfig; conversation: string; text: string },
  { guardOf, vaults }: Pick<PipelineDeps, 'guardOf' | 'vaults'>,
): Promise<string> {
  const guard = guardOf(tenant.id);
  if (guard.isIdle) return text;
  const vault = await vaults.load(tenant.id, conversation);
  const masked = guard.maskForRest(text, vault);
  if (vault.changed) await vaults.save(tenant.id, conversation, vault, tenant.session.ttl_seconds * 1000);
  return masked;
}
