import type { SayInput } from '../types.ts';
import type { SandboxChat } from './types.ts';

interface SandboxPerson {
  id: string;
  name: string;
  locale: NonNullable<SayInput['locale']>;
}

/** Who lives in the sandbox: one person for each language of the hub. */
export const PEOPLE: readonly SandboxPerson[] = [
  { id: 'alice', name: 'Alice', locale: 'en' },
  { id: 'lilei', name: '李雷', locale: 'zh' },
];

/** The same chats on each platform. The id is also the chat's name in the simulator. */
export const CHATS: readonly SandboxChat[] = [
  { id: 'direct', name: '私聊 Direct message', kind: 'direct', people: ['alice'] },
  { id: 'group', name: '产品小组 Product team', kind: 'group', people: ['alice', 'lilei'] },
];
