import { ParleyError, toParleyError } from '../errors/index.ts';
import type { ModelEvent } from '../provider/types.ts';
import { runAttempt } from './attempt.ts';
import { modelChain } from './chain.ts';
import { createPlan, mostTelling } from './fallback.ts';
import { buildPrompt } from './prompt.ts';
import type { AnswerDeps, AnswerEvent, AnswerRequest } from './types.ts';

/**
 * Answers a question with the tenant's models: streams `delta`s and ends with exactly one `done`.
 *
 * The next key, endpoint or model is tried as long as nothing has been shown; after the first delta an error is thrown
 * on. Throws `no_model_available` when the tenant has no model, else the most telling `model_*` error of the attempts.
 * A reader that leaves ends the request to the model.
 */
export async function* answer(request: AnswerRequest, deps: AnswerDeps): AsyncGenerator<AnswerEvent> {
  const chain = modelChain(request, deps.models);
  if (chain.length === 0) {
    throw new ParleyError('no_model_available', `tenant ${request.tenant.id} has no model that is configured`);
  }
  const plan = createPlan(chain, request.history.length > 0);
  const failures: ParleyError[] = [];
  for (let target = plan.first(); target !== undefined; ) {
    const attempts = failures.length + 1;
    let text = '';
    try {
      const prompt = await buildPrompt(request, target.model, target.halfHistory);
      let finish: Extract<ModelEvent, { type: 'finish' }> | undefined;
      for await (const event of runAttempt(target, prompt, request.signal, deps)) {
        if (event.type === 'finish') finish = event;
        else {
          text += event.text;
          yield event;
        }
      }
      if (finish === undefined) throw new ParleyError('model_bad_response', 'the provider ended without a finish');
      const { usage, reason } = finish;
      yield { type: 'done', text, model: target.model.id, usage, attempts, finishReason: reason };
      return;
    } catch (thrown) {
      const error = toParleyError(thrown);
      const { model, route } = target;
      deps.logger.warn(
        {
          request_id: request.requestId,
          tenant: request.tenant.id,
          model: model.id,
          endpoint: route.name,
          key_index: route.keyIndex,
          error_code: error.code,
          attempt: attempts,
        },
        `model attempt failed: ${error.message}`,
      );
      if (text !== '') throw error;
      failures.push(error);
      target = plan.after(error.code);
    }
  }
  throw mostTelling(failures);
}
