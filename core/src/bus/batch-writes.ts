import type { Redis } from 'ioredis';

/**
 * Makes all commands of one turn of the event loop leave in one write, as ioredis' automatic pipelines do. Those carry
 * one batch at a time, so that a command waits for the answers to the batch before it; and they copy every script of the
 * connection into every batch. Here nothing waits, and a command is what it is without a pipeline: in order with all
 * others, and sent again when the connection breaks as any other.
 */
export function batchWrites(client: Redis): void {
  const send = client.sendCommand.bind(client);
  let held: Redis['stream'] | undefined;

  client.sendCommand = (command, stream) => {
    const socket = client.stream;
    if (socket && socket !== held) {
      held = socket;
      socket.cork();
      // Behind all answers that have come by now: what they set off goes out together.
      setImmediate(() => {
        socket.uncork();
        if (held === socket) held = undefined;
      });
    }
    return send(command, stream);
  };
}
