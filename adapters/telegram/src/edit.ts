import type { OutgoingPart } from '@parley/core/adapter';
import type { CallOptions, Client } from './client.ts';
import { TelegramRefusal } from './errors.ts';

/** A message where it really stands: message ids do not survive a group's move to a supergroup. */
export interface SentMessage {
  chatId: number;
  messageId: number;
}

/** Makes a call with the part's content, and where Telegram refuses the markup once more with the plain text. */
export async function withMarkup<T>(
  part: OutgoingPart,
  call: (content: Record<string, unknown>) => Promise<T>,
): Promise<T> {
  try {
    return await call(part.payload);
  } catch (error) {
    if (!(error instanceof TelegramRefusal) || !refusesMarkup(error)) throw error;
    return call({ text: part.plain, link_preview_options: { is_disabled: true } });
  }
}

/** Makes a message of this bot show exactly this part. Repeating it changes nothing. */
export async function editText(
  client: Client,
  { chatId, messageId }: SentMessage,
  part: OutgoingPart,
  options: CallOptions,
): Promise<void> {
  await withMarkup(part, async (content) => {
    try {
      await client.call('editMessageText', { chat_id: chatId, message_id: messageId, ...content }, options);
    } catch (error) {
      if (!(error instanceof TelegramRefusal && error.says('message is not modified'))) throw error;
    }
  });
}

function refusesMarkup(error: TelegramRefusal): boolean {
  return error.says("can't parse entities") || error.says('entity') || error.says('entities');
}
