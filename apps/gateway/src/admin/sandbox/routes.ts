import { ParleyError } from '@parley/core/errors';
import { z } from 'zod';
import { type AdminRoute, route } from '../http/route.ts';
import { sandboxChatParams, sandboxSaySchema, sandboxStatusSchema, sandboxViewSchema } from './schemas.ts';
import type { Sandbox } from './types.ts';

export interface SandboxRoutesDeps {
  /** Absent where there is none: in other roles than `start`, or turned off. Then everything is `not_found`. */
  sandbox: Sandbox | undefined;
}

const MESSAGES = '/sandbox/:platform/chats/:chat/messages';

/** The sandbox: simulated platforms to try the hub in. */
export function sandboxRoutes({ sandbox }: SandboxRoutesDeps): AdminRoute[] {
  // Where there is no tenant to belong to, whoever may use a sandbox anywhere hears the same.
  const common = { tag: 'sandbox', action: 'sandbox:use', scope: 'any', tenantOf: () => sandbox?.tenant() } as const;

  function present(): Sandbox {
    if (sandbox) return sandbox;
    throw new ParleyError('not_found', 'There is no sandbox here: it comes with `start` and PARLEY_SANDBOX=on');
  }

  return [
    route({
      ...common,
      method: 'GET',
      path: '/sandbox',
      summary: 'Whether the sandbox is on, and its chats',
      response: sandboxStatusSchema,
      handle: () => present().status(),
    }),
    route({
      ...common,
      method: 'POST',
      path: '/sandbox/start',
      summary: 'Start the simulated platforms',
      status: 202,
      response: sandboxStatusSchema,
      handle: () => {
        const here = present();
        here.start();
        return here.status();
      },
    }),
    route({
      ...common,
      method: 'POST',
      path: '/sandbox/stop',
      summary: 'Stop the simulated platforms; what was said there is forgotten',
      status: 200,
      response: sandboxStatusSchema,
      handle: async () => {
        await present().stop();
        return present().status();
      },
    }),
    route({
      ...common,
      method: 'GET',
      path: MESSAGES,
      summary: 'A chat as its people see it now',
      params: sandboxChatParams,
      response: sandboxViewSchema,
      handle: ({ params: { platform, chat } }) => present().view(platform, chat),
    }),
    route({
      ...common,
      method: 'POST',
      path: MESSAGES,
      summary: 'Say something as one of the people',
      params: sandboxChatParams,
      body: sandboxSaySchema,
      status: 202,
      response: z.object({ id: z.string() }),
      idempotent: true,
      // What is said in a game is no administrative act.
      quiet: true,
      handle: ({ params: { platform, chat }, body }) => present().say(platform, chat, body),
    }),
  ];
}
