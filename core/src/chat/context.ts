import type { ModelConfig } from '../config/index.ts';

/**
 * Context sizes of known families by upstream name, first match wins; rather too small than too large, as a history cut
 * short costs less than a refused request. `context_tokens` in the configuration overrides them.
 */
const FAMILIES: [RegExp, number][] = [
  [/gpt-5/, 272_000],
  [/gpt-4\.1/, 1_000_000],
  [/gpt-4o|gpt-4-turbo|o1-(mini|preview)/, 128_000],
  [/^o\d/, 200_000],
  [/gpt-4-32k/, 32_000],
  [/gpt-4/, 8_192],
  [/gpt-3\.5/, 16_385],
  [/claude/, 200_000],
  [/deepseek/, 64_000],
  [/glm-[4-9]/, 128_000],
  [/gemini/, 1_000_000],
  [/qwen/, 32_000],
];

/** Ollama's own default, whatever the model could do; beyond it Ollama drops the beginning without a word. */
const OLLAMA_TOKENS = 4_096;
const UNKNOWN_TOKENS = 16_000;

/** Tokens that prompt and answer together may have. */
export function contextTokens(model: ModelConfig): number {
  if (model.context_tokens !== undefined) return model.context_tokens;
  if (model.provider === 'ollama') return OLLAMA_TOKENS;
  const name = (model.model ?? model.id).toLowerCase();
  return FAMILIES.find(([pattern]) => pattern.test(name))?.[1] ?? UNKNOWN_TOKENS;
}
