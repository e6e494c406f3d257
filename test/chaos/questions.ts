import { createHash } from 'node:crypto';

/**
 * What is asked and what must be read in the end. Each question carries a marker of its own (`q7-3`: the third of chat
 * 7), and every line of its answer begins with the marker and the line's number, so that each line can be found, and
 * found twice, wherever it went.
 */
const QUESTION = /\bq\d+-\d+(?= tell me)/;
const ANSWER = /\bq\d+-\d+(?=\.\d)/g;
const WORDS =
  'amber basin cedar delta ember fjord grove harbor island jungle kettle lagoon meadow nectar orchard prairie'.split(
    ' ',
  );
const WORDS_PER_LINE = 9;

export const questionText = (marker: string): string => `${marker} tell me something`;

/** The marker of the question in a text (a webhook's body, a prompt); an answer holds none. */
export const askedIn = (text: string): string | undefined => QUESTION.exec(text)?.[0];

/** The markers of all answers of which a text shows something. */
export const answeredIn = (text: string): string[] => [...new Set(text.match(ANSWER) ?? [])];

/**
 * The lines of the answer to a question: the same for every call. Mostly a few, sometimes one (no time for a preview),
 * seldom so many that a platform with short messages must split them.
 */
export function answerLines(marker: string): string[] {
  const bytes = createHash('sha256').update(marker).digest();
  const at = (index: number) => bytes[index % bytes.length] as number;
  const chance = at(0);
  const count = chance < 24 ? 1 : chance < 251 ? 3 + (at(1) % 6) : 58;
  return Array.from({ length: count }, (_, line) => {
    const words = Array.from({ length: WORDS_PER_LINE }, (_, word) => WORDS[(at(line + word) + line) % WORDS.length]);
    return `${marker}.${line + 1} ${words.join(' ')} end`;
  });
}

export const answerText = (marker: string): string => answerLines(marker).join('\n\n');
