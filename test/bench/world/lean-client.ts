import { connect, type Socket } from 'node:net';

/** What came back: its status, and when (see `nowMs`). */
export interface LeanAnswer {
  status: number;
  body: string;
}

export interface LeanClient {
  /**
   * Sends the bytes of one whole HTTP/1.1 request.
   *
   * @param onText called with the body so far whenever more of it has come, the last time included
   */
  request(bytes: string | Buffer, onAnswer: (answer: LeanAnswer) => void, onText?: (body: string) => void): void;
  close(): void;
}

interface Connection {
  socket: Socket;
  received: string;
  onAnswer: ((answer: LeanAnswer) => void) | undefined;
  onText: ((body: string) => void) | undefined;
}

/** Keep-alive connections to one port, one request at a time on each; as many as are needed, up to a thousand or so. */
export function createLeanClient(port: number): LeanClient {
  const idle: Connection[] = [];
  const all = new Set<Connection>();

  function open(): Connection {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const connection: Connection = { socket, received: '', onAnswer: undefined, onText: undefined };
    all.add(connection);
    // A body's length counts bytes, and so does a text in latin1.
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => receive(connection, text));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      all.delete(connection);
      const at = idle.indexOf(connection);
      if (at >= 0) idle.splice(at, 1);
      finish(connection, { status: 0, body: '' });
    });
    return connection;
  }

  function receive(connection: Connection, text: string): void {
    connection.received += text;
    const { received, onText } = connection;
    const headEnd = received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const body = received.slice(headEnd + 4);
    onText?.(body);
    const length = /\r\ncontent-length: ?(\d+)/i.exec(received.slice(0, headEnd));
    const complete = length ? body.length >= Number(length[1]) : body.endsWith('0\r\n\r\n');
    if (!complete) return;
    connection.received = '';
    idle.push(connection);
    finish(connection, { status: Number(received.slice(9, 12)), body });
  }

  function finish(connection: Connection, answer: LeanAnswer): void {
    const { onAnswer } = connection;
    connection.onAnswer = undefined;
    connection.onText = undefined;
    onAnswer?.(answer);
  }

  return {
    request(bytes, onAnswer, onText) {
      const connection = idle.pop() ?? open();
      connection.onAnswer = onAnswer;
      connection.onText = onText;
      connection.socket.write(bytes);
    },
    close() {
      for (const { socket } of all) socket.destroy();
    },
  };
}
