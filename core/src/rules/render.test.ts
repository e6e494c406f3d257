import { expect, test } from 'vitest';
import { renderReply } from './render.ts';

test('name and platform are filled in, anything else stays', () => {
  expect(renderReply('Hi {name} on {platform}, {other}!', { name: 'Ann', platform: 'slack' })).toBe(
    'Hi Ann on slack, {other}!',
  );
  expect(renderReply('Hi {name}!', { platform: 'slack' })).toBe('Hi !');
});

test('a name brings no markup, mention or line along, and is not rendered itself', () => {
  const rendered = renderReply('Hi {name}.', {
    name: '<!channel> @all [x](http://y)\n**{platform}**',
    platform: 'slack',
  });
  expect(rendered).not.toMatch(/[<>@[\]()*\n{}]/);
  expect(rendered).toBe('Hi channel all x http://y platform.');
});
