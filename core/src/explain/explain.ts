import { type HubTextKey, hubText } from '../i18n/index.ts';
import type { Language } from '../message/index.ts';
import { reasonOf } from './reasons.ts';
import { stepsOf, type TimelineStep } from './steps.ts';
import type { InBoth, TurnFacts } from './types.ts';

/** Failed attempts that are told one by one. */
const TOLD = 3;

/** Why a turn ended as it did, in words for an operator: how it was answered, or what kept it from being. */
export function explainTurn(turn: TurnFacts): InBoth {
  const steps = stepsOf(turn.timeline);
  const sentences = [...before(steps), outcome(turn, steps), ...after(turn, steps)];
  return { en: sentences.map(({ en }) => en).join(' '), zh: sentences.map(({ zh }) => zh).join('') };
}

const find = (steps: readonly TimelineStep[], what: string) => steps.find((step) => step.what === what)?.detail;
const text = (value: unknown) => (value === undefined ? '' : String(value));
const seconds = (ms: number) => (ms / 1000).toFixed(ms < 10_000 ? 1 : 0);
/** People count from one. */
const ruleOf = (steps: readonly TimelineStep[]) => Number(find(steps, 'rule')?.index ?? 0) + 1;

/** What happened before anybody thought of an answer. */
function before(steps: readonly TimelineStep[]): InBoth[] {
  const said: InBoth[] = [];
  const replay = find(steps, 'replay');
  if (replay) {
    said.push({
      en: `An operator sent turn ${text(replay.of)} on its way again.`,
      zh: `管理员重新执行了轮次 ${text(replay.of)}。`,
    });
  }
  const merged = steps.filter(({ what }) => what === 'merged').length;
  if (merged > 0) {
    said.push({ en: `${merged + 1} messages were answered together.`, zh: `${merged + 1} 条消息合并回答。` });
  }
  if (Number(find(steps, 'taken')?.attempt ?? 1) > 1 || find(steps, 'resumed')) {
    said.push({
      en: 'A worker went on with what an earlier attempt had begun.',
      zh: '工作进程接着此前的尝试继续处理。',
    });
  }
  return said;
}

function outcome(turn: TurnFacts, steps: readonly TimelineStep[]): InBoth {
  // Decided, but what was decided did not arrive.
  if (turn.status === 'failed' && find(steps, 'failed')) return undelivered(turn);
  const { responseMs } = turn;
  const [model, took] = [turn.model ?? '', seconds(responseMs)];
  switch (turn.kind) {
    case 'model':
      return { en: `${model} answered; it took ${took} s.`, zh: `由 ${model} 回答，用时 ${took} 秒。` };
    case 'cache':
      return {
        en: `The same question had been answered before, so the answer came from the cache (${model}).`,
        zh: `相同的问题之前回答过，答案来自缓存（${model}）。`,
      };
    case 'rule':
      return {
        en: `Rule ${ruleOf(steps)} matched: its text was sent and no model was asked.`,
        zh: `命中规则 ${ruleOf(steps)}：直接发送规则中的文字，未调用模型。`,
      };
    case 'ignored':
      return {
        en: `Rule ${ruleOf(steps)} says not to answer this, so nothing was sent.`,
        zh: `规则 ${ruleOf(steps)} 要求不回答此消息，因此没有发送任何内容。`,
      };
    case 'command':
      return {
        en: 'It was a command, or a message without words: the hub answered by itself.',
        zh: '这是一条命令或没有文字的消息，由系统直接回复。',
      };
    case 'reset':
      return {
        en: 'The person began a new conversation: what was said before is forgotten.',
        zh: '用户开始了新的对话，此前的内容不再记住。',
      };
    case 'human':
      return byHuman(steps);
    case 'guard':
      return refusedByGuard(steps);
    case 'quota':
      return refusedByQuota(turn, steps);
    default:
      return failed(turn);
  }
}

function byHuman(steps: readonly TimelineStep[]): InBoth {
  const operator = find(steps, 'operator')?.by;
  if (operator !== undefined) {
    return {
      en: `${text(operator)} wrote this from the console; the bot only passed it on.`,
      zh: `此消息由 ${text(operator)} 在控制台撰写，机器人只负责转发。`,
    };
  }
  const by = text(find(steps, 'taken_over')?.by);
  return {
    en: `${by} had taken the conversation over, so the question was left to them: no model was asked and nothing sent.`,
    zh: `${by} 已接管此会话，问题留给其处理：未调用模型，也未发送任何内容。`,
  };
}

function refusedByGuard(steps: readonly TimelineStep[]): InBoth {
  const refusal = steps.find(({ what, detail }) => what === 'guard' && detail.verdict === 'refused')?.detail ?? {};
  if (refusal.on === 'output') {
    return {
      en: 'The answer contained a blocked keyword and was not shown.',
      zh: '回答中含有被禁止的关键词，因此未显示。',
    };
  }
  return refusal.reason === 'injection'
    ? {
        en: 'The guard took the message for an attempt to change the bot’s instructions and refused it.',
        zh: '内容安全规则判断此消息试图更改机器人的指令，已拒绝。',
      }
    : {
        en: 'The message contained a blocked keyword and was refused; no model saw it.',
        zh: '消息含有被禁止的关键词，已拒绝，模型未看到内容。',
      };
}

function refusedByQuota({ errorCode }: TurnFacts, steps: readonly TimelineStep[]): InBoth {
  const { level, window, unit } =
    steps.find(({ what, detail }) => what === 'quota' && detail.admitted === false)?.detail ?? {};
  const reason = reasonOf(errorCode);
  if (!level || !window || !unit) return { en: `It was refused: ${reason.en}.`, zh: `已拒绝：${reason.zh}。` };
  const part = (language: Language, kind: string, name: unknown) =>
    hubText(`${kind}_${text(name)}` as HubTextKey, language, { name: '' }).trim();
  const limit = (language: Language) => ({
    unit: part(language, 'unit', unit),
    window: part(language, 'window', window),
    level: part(language, 'level', level),
  });
  const [en, zh] = [limit('en'), limit('zh')];
  return {
    en: `It was refused because a limit was reached (${en.unit} ${en.window} ${en.level}): ${reason.en}.`,
    zh: `已拒绝，因为达到限额（${zh.level}${zh.window}${zh.unit}）：${reason.zh}。`,
  };
}

function failed({ errorCode }: TurnFacts): InBoth {
  if (errorCode === 'stopped') {
    return {
      en: 'Somebody stopped the answer; what had been written until then was kept.',
      zh: '回答被人停止，已写出的部分保留。',
    };
  }
  const { en, zh } = reasonOf(errorCode);
  return { en: `There was no answer: ${en}.`, zh: `没有得到回答：${zh}。` };
}

function undelivered({ errorCode }: TurnFacts): InBoth {
  const { en, zh } = reasonOf(errorCode);
  return {
    en: `The reply could not be delivered: ${en}. It is among the dead letters and can be sent again.`,
    zh: `回复未能送达：${zh}。可在死信中重新发送。`,
  };
}

/** What else is worth knowing. */
function after({ kind }: TurnFacts, steps: readonly TimelineStep[]): InBoth[] {
  const said: InBoth[] = [];
  const { index, action } = find(steps, 'rule') ?? {};
  if (action === 'model') {
    said.push({ en: `Rule ${Number(index) + 1} chose the model.`, zh: `模型由规则 ${Number(index) + 1} 指定。` });
  }
  const downgraded = find(steps, 'downgraded');
  if (downgraded) {
    said.push({
      en: `The budget did not allow for the preferred models, so ${text(downgraded.model)} was asked.`,
      zh: `预算不足以使用首选模型，改用 ${text(downgraded.model)}。`,
    });
  }
  const failures = steps.filter(({ what, detail }) => what === 'model_attempt' && detail.status === 'failed');
  for (const { detail } of failures.slice(0, TOLD)) {
    const { en, zh } = reasonOf(text(detail.errorCode) || null);
    said.push({
      en: `An attempt at ${text(detail.model)} failed: ${en}.`,
      zh: `调用 ${text(detail.model)} 失败：${zh}。`,
    });
  }
  if (failures.length > TOLD) {
    const more = failures.length - TOLD;
    said.push({ en: `${more} more attempts failed.`, zh: `另有 ${more} 次调用失败。` });
  }
  if (kind === 'model' && hasMasked(steps)) {
    said.push({
      en: 'Personal data was replaced before the model saw the question.',
      zh: '个人信息在发送给模型之前已被替换。',
    });
  }
  return said;
}

const NO_PERSONAL_DATA = new Set(['verdict', 'reason', 'on', 'injection', 'block_keyword', 'replace_keyword']);

function hasMasked(steps: readonly TimelineStep[]): boolean {
  return Object.keys(find(steps, 'guard') ?? {}).some((name) => !NO_PERSONAL_DATA.has(name));
}
