/**
 * Signs of a prompt injection or a jailbreak, each with its weight. A heuristic: it finds the well-known wordings, and
 * is meant to be noted rather than trusted. Every repetition has a bound.
 */
const SIGNS: readonly [RegExp, number][] = [
  [
    /\b(ignore|disregard|forget|override)\s+(?:\w+\s+){0,3}?(previous|prior|above|earlier|all|your)\s+(?:\w+\s+){0,2}(instructions?|prompts?|rules|guidelines)\b/i,
    3,
  ],
  [/(忽略|无视|忘记|忘掉|不要理会).{0,12}(以上|之前|上面|前面|先前|所有|你的).{0,12}(指令|提示|规则|要求|设定)/, 3],
  [/<\|(im_start|im_end|system|endoftext)\|>|\[\/?INST\]|<<SYS>>/i, 3],
  [
    /\b(reveal|print|show|repeat|output|tell me)\b.{0,30}\b(system|initial|hidden) (prompt|instructions?|message)\b/i,
    3,
  ],
  [/(输出|显示|告诉我|泄露|重复|打印).{0,10}(系统提示|系统指令|初始提示|隐藏指令|system prompt)/i, 3],
  [/\byou are (now )?(DAN|in developer mode|jailbroken|an? unrestricted)\b|\bdo anything now\b/i, 3],
  [/(进入|开启|切换到).{0,6}(开发者模式|越狱模式|无限制模式|DAN)/i, 3],
  [/\b(pretend|act as if|imagine)\b.{0,40}\b(no|without|free of) (rules|restrictions|limits|filters|guidelines)\b/i, 2],
  [/(没有|不受|摆脱).{0,6}(任何)?(限制|约束|审查|道德).{0,10}(的)?(AI|助手|模型|回答)/i, 2],
  [/^\s{0,4}(system|developer|assistant)\s{0,3}[:：]/im, 2],
  [/\bfrom now on\b.{0,40}\b(you|your) (must|will|are|respond)\b/i, 1],
];
const ENOUGH = 3;
/** Instructions that are meant to work stand where a model reads them; a book need not be searched. */
const MAX_CHARACTERS = 20_000;

/** Whether a text looks like an attempt to change the model's instructions. */
export function looksInjected(text: string): boolean {
  const part = text.slice(0, MAX_CHARACTERS);
  return SIGNS.reduce((sum, [sign, weight]) => sum + (sign.test(part) ? weight : 0), 0) >= ENOUGH;
}
