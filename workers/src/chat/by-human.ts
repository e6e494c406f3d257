import type { Channel } from '@parley/adapter-registry';
import type { Head } from '@parley/core/bus';
import type { TenantConfig } from '@parley/core/config';
import type { Outcome } from './outcome.ts';
import { questionOf } from './question.ts';

/** A text with personal data replaced, as transcripts and later models see it. */
export type MaskText = (tenant: TenantConfig, conversation: string, text: string) => Promise<string>;

/**
 * What a turn comes to where a person has taken the conversation over: what that person says is sent as it is, and a
 * question is left to them, without a model and without a word. Undefined: the bot answers.
 */
export async function answerByHuman(head: Head, { tenant }: Channel, mask: MaskText): Promise<Outcome | undefined> {
  const { operator, conversation } = head.envelope;
  const by = operator?.by ?? head.takenOver?.by;
  if (by === undefined) return undefined;
  const outcome: Pick<Outcome, 'status' | 'attempts' | 'by'> = { status: 'success', attempts: [], by: 'human' };
  if (operator) {
    const answer = await mask(tenant, conversation.id, operator.text);
    const decisions = [{ what: 'operator', detail: { by } }];
    return { ...outcome, text: operator.text, masked: { question: '', answer }, decisions };
  }
  const question = await mask(tenant, conversation.id, questionOf(head));
  return {
    ...outcome,
    text: '',
    masked: { question, answer: '' },
    decisions: [{ what: 'taken_over', detail: { by } }],
  };
}
