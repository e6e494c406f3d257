import { describe, expect, it } from 'vitest';
import { countTables, renderMarkdown } from './markdown.ts';

const nameOf = (id: string) => ({ ou_1: 'alice' })[id] ?? id;
const render = (markdown: string) => renderMarkdown(markdown, nameOf);

describe('renderMarkdown', () => {
  it.each([
    ['**bold** and *soft* and ~~gone~~', 'bold and soft and gone'],
    ['# Title\n\ntext', 'Title\n\ntext'],
    ['- one\n- two', '• one\n• two'],
    ['1. one\n2. two', '1. one\n2. two'],
    ['see [the docs](https://example.com)', 'see the docs'],
    ['> quoted', 'quoted'],
    ['a\n\n---\n\nb', 'a\n\n\nb'],
    ['snake_case_name and 2 * 3 * 4', 'snake_case_name and 2 * 3 * 4'],
    ['call `a_b*c*` now', 'call a_b*c* now'],
    ['\\*literal\\* &#42; &lt;b&gt;', '*literal* * <b>'],
    ['<at id=ou_1></at> <font color="red">hi</font>', '@alice hi'],
    ['<at id=all></at>', '@all'],
    ['![chart](img_v3_1)', 'chart'],
    ['| a | b |\n|---|:-:|\n| **1** | 2 |', 'a | b\n1 | 2'],
  ])('%j reads %j', (markdown, text) => expect(render(markdown)).toBe(text));

  it('leaves code as it is, even in a block that is still open', () => {
    expect(render('```ts\nconst a = **b**;\n```\n*done*')).toBe('const a = **b**;\ndone');
    expect(render('so:\n```\n# not a title')).toBe('so:\n# not a title');
  });
});

it('counts tables, but not those in code', () => {
  const table = '| a | b |\n|---|---|\n| 1 | 2 |\n';
  expect(countTables(`${table}\ntext\n\n${table}`)).toBe(2);
  expect(countTables(`\`\`\`\n${table}\`\`\`\n`)).toBe(0);
  expect(countTables('a | b\n\nc')).toBe(0);
});
