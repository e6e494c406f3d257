export { type ChatApiDeps, registerChatApi } from './api/index.ts';
export { type ConsoleOptions, registerConsole } from './console/static.ts';
export { type ConnectionManager, createConnectionManager } from './connections.ts';
export { createInbound, type Inbound } from './inbound.ts';
export { type Check, registerOps } from './ops.ts';
export { closeServer, createServer } from './server.ts';
export { registerWebhooks } from './webhooks.ts';
