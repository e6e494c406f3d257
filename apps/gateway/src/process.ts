/** What every process has, a worker too, without loading the gateway's APIs: they take half of a start. */
export { type Check, registerOps } from './ops.ts';
export { closeServer, createServer } from './server.ts';
