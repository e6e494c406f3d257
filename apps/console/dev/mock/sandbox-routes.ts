import { ago } from './data.ts';
import type { Route } from './route.ts';

const CHATS = { feishu: ['产品讨论组', '私聊'], telegram: ['Weekend plans', 'Direct'], slack: ['#general', 'Direct'] };
const PEOPLE = [
  { id: 'ann', name: 'Ann' },
  { id: 'bo', name: '小波' },
];

export function sandboxRoutes(): Record<string, Route> {
  return {
    'GET /sandbox': ({ state }) => ({
      state: state.sandbox,
      tenant: state.tenants[0]?.id ?? null,
      error: null,
      channels:
        state.sandbox === 'off'
          ? []
          : Object.entries(CHATS).map(([platform, [group, direct]]) => ({
              platform,
              channel: `sandbox-${platform}`,
              chats: [
                { id: 'direct', name: direct, kind: 'direct', people: ['ann'] },
                { id: 'group', name: group, kind: 'group', people: ['ann', 'bo'] },
              ],
              people: PEOPLE,
            })),
    }),
    'POST /sandbox/start': ({ state }) => {
      state.sandbox = 'on';
      return { state: 'on' };
    },
    'POST /sandbox/stop': ({ state }) => {
      state.sandbox = 'off';
      return { state: 'off' };
    },
    'GET /sandbox/:platform/chats/:chat/messages': ({ state, params }) => ({
      items: state.sandboxMessages[`${params.platform}/${params.chat}`] ?? [],
      typing: false,
    }),
    'POST /sandbox/:platform/chats/:chat/messages': ({ state, params, body }) => {
      const key = `${params.platform}/${params.chat}`;
      const list = state.sandboxMessages[key] ?? [];
      state.sandboxMessages[key] = list;
      const name = PEOPLE.find(({ id }) => id === body.person)?.name ?? 'Ann';
      const id = `m${list.length}`;
      list.push({ id, from: 'person', name, text: body.text, at: ago(0), edited: false });
      if (body.mention || params.chat === 'direct') {
        setTimeout(
          () =>
            list.push({
              id: `b${list.length}`,
              from: 'bot',
              name: 'Parley',
              text: `echo: ${body.text}`,
              at: ago(0),
              edited: false,
            }),
          700,
        );
      }
      return { id };
    },
  };
}
