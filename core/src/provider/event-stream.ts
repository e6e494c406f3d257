import { StringDecoder } from 'node:string_decoder';

/** One server-sent event: its name, if it has one, and its data lines. */
export interface ServerSentEvent {
  event: string | undefined;
  data: string;
}

/** Reads server-sent events from the pieces in which a response comes, however it is cut. */
export interface EventStreamReader {
  /** The events that are complete with this piece. @throws SyntaxError for one that is too long */
  push(piece: Uint8Array): ServerSentEvent[];
  /** What came after the last blank line: servers leave that line out at the end. */
  end(): ServerSentEvent[];
}

/** No chunk of an answer is longer; a server that never ends its line must not fill the memory. */
const MAX_EVENT_CHARACTERS = 8 * 1024 * 1024;
const LINE_END = /\r\n|\n|\r(?!$)/g;

/** @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation */
export function createEventStreamReader(): EventStreamReader {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let event: string | undefined;
  let data: string[] = [];
  let dataLength = 0;

  function take(line: string, found: ServerSentEvent[]): void {
    if (line === '') {
      if (event !== undefined || data.length > 0) found.push({ event, data: data.join('\n') });
      event = undefined;
      data = [];
      dataLength = 0;
      return;
    }
    if (line.startsWith('data:')) {
      data.push(fieldValue(line, 5));
      dataLength += line.length;
    } else if (line.startsWith('event:')) event = fieldValue(line, 6);
  }

  function takeLines(text: string): ServerSentEvent[] {
    const found: ServerSentEvent[] = [];
    let start = 0;
    // A carriage return at the very end may be half of a line end.
    LINE_END.lastIndex = 0;
    for (let end = LINE_END.exec(text); end !== null; end = LINE_END.exec(text)) {
      take(text.slice(start, end.index), found);
      start = LINE_END.lastIndex;
    }
    rest = text.slice(start);
    if (rest.length + dataLength > MAX_EVENT_CHARACTERS) throw new SyntaxError('a server-sent event without an end');
    return found;
  }

  return {
    push: (piece) => takeLines(rest + decoder.write(piece as Buffer)),
    end() {
      const found = takeLines(rest + decoder.end());
      if (rest !== '') take(rest.replace(/\r$/, ''), found);
      rest = '';
      take('', found);
      return found;
    },
  };
}

function fieldValue(line: string, from: number): string {
  return line.slice(line[from] === ' ' ? from + 1 : from);
}
