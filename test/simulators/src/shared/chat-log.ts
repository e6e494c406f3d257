import type { SimMessage } from '../types.ts';

/** What a simulator tells the log about a new message; the log adds the history. */
export type NewMessage = Omit<SimMessage, 'edits' | 'versions' | 'at'> & { at?: number };

export interface ChatChange {
  kind: 'added' | 'edited' | 'removed';
  message: SimMessage;
}

/** All chats of one simulator as people see them. Everything it returns is a snapshot: later edits do not change it. */
export interface ChatLog {
  add(message: NewMessage): SimMessage;
  /** Replaces text (and payload, where given); `undefined` when there is no such message. */
  edit(chat: string, id: string, text: string, raw?: unknown): SimMessage | undefined;
  remove(chat: string, id: string): SimMessage | undefined;
  get(chat: string, id: string): SimMessage | undefined;
  transcript(chat: string): SimMessage[];
  /** See `PlatformSimulator.waitFor`; `timeoutMs` defaults to 10,000. */
  waitFor(chat: string, match: (message: SimMessage) => boolean, timeoutMs?: number): Promise<SimMessage>;
  /** Calls back after every change of any chat; returns how to stop it. */
  onChange(listener: (change: ChatChange) => void): () => void;
  /** Rejects everybody who still waits. */
  close(): void;
}

const MAX_CHATS = 10_000;
const MAX_MESSAGES_PER_CHAT = 10_000;

/** Makes an empty chat log. Beyond 10,000 chats, or messages in one chat, the oldest are forgotten. */
export function createChatLog(): ChatLog {
  const chats = new Map<string, Map<string, SimMessage>>();
  const listeners = new Set<(change: ChatChange) => void>();
  const closed = new AbortController();

  function messagesOf(chat: string): Map<string, SimMessage> {
    let messages = chats.get(chat);
    if (messages === undefined) {
      messages = new Map();
      chats.set(chat, messages);
      dropOldest(chats, MAX_CHATS);
    }
    return messages;
  }

  function tell(kind: ChatChange['kind'], message: SimMessage): SimMessage {
    for (const listener of [...listeners]) listener({ kind, message: snapshot(message) });
    return snapshot(message);
  }

  const log: ChatLog = {
    add(input) {
      const message: SimMessage = { ...input, edits: 0, versions: [input.text], at: input.at ?? Date.now() };
      const messages = messagesOf(message.chat);
      messages.set(message.id, message);
      dropOldest(messages, MAX_MESSAGES_PER_CHAT);
      return tell('added', message);
    },

    edit(chat, id, text, raw) {
      const message = chats.get(chat)?.get(id);
      if (message === undefined) return undefined;
      message.text = text;
      if (raw !== undefined) message.raw = raw;
      message.edits += 1;
      message.versions.push(text);
      return tell('edited', message);
    },

    remove(chat, id) {
      const message = chats.get(chat)?.get(id);
      if (message === undefined) return undefined;
      chats.get(chat)?.delete(id);
      return tell('removed', message);
    },

    get(chat, id) {
      const message = chats.get(chat)?.get(id);
      return message && snapshot(message);
    },

    transcript: (chat) => [...(chats.get(chat)?.values() ?? [])].map(snapshot),

    waitFor(chat, match, timeoutMs = 10_000) {
      const found = log.transcript(chat).find(match);
      if (found !== undefined) return Promise.resolve(found);
      return new Promise((resolve, reject) => {
        const finish = (settle: () => void) => {
          clearTimeout(timer);
          listeners.delete(listener);
          closed.signal.removeEventListener('abort', onClose);
          settle();
        };
        const fail = (reason: string) => finish(() => reject(new Error(`${reason}\n${describe(chat, log)}`)));
        const listener = ({ kind, message }: ChatChange) => {
          if (kind === 'removed' || message.chat !== chat) return;
          try {
            if (match(message)) finish(() => resolve(message));
          } catch (error) {
            finish(() => reject(error));
          }
        };
        const onClose = () => fail(`The simulator was closed while a message in ${chat} was awaited.`);
        const timer = setTimeout(() => fail(`No such message in ${chat} within ${timeoutMs} ms.`), timeoutMs);
        listeners.add(listener);
        closed.signal.addEventListener('abort', onClose);
      });
    },

    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    close: () => closed.abort(),
  };
  return log;
}

function snapshot(message: SimMessage): SimMessage {
  return { ...message, versions: [...message.versions] };
}

function dropOldest<K, V>(map: Map<K, V>, limit: number): void {
  if (map.size > limit) map.delete(map.keys().next().value as K);
}

/** The transcript as the text of an error: enough to see what happened instead. */
function describe(chat: string, log: ChatLog): string {
  const lines = log.transcript(chat).map((message) => {
    const notes = [message.thread && `thread ${message.thread}`, message.edits > 0 && `${message.edits} edits`];
    const note = notes.filter(Boolean).join(', ');
    return `  ${message.id} ${message.author} ${message.authorId}${note && ` (${note})`}: ${message.text}`;
  });
  return lines.length === 0 ? `Nothing was said in ${chat}.` : `Transcript of ${chat}:\n${lines.join('\n')}`;
}
