import { type LookupAddress, lookup as resolve } from 'node:dns';
import type { Agent, AgentOptions } from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { isInnerAddress } from './addresses.ts';

/** Not imported: to make the view for imports Node loads an undici of its own, some 30 ms of every start. */
const http = process.getBuiltinModule('node:http');

/**
 * How sockets are opened towards addresses that people entered in the console: never into the own network. It is checked
 * when the connection is made, so that neither a name that has changed what it means since it was saved (DNS rebinding)
 * nor a redirect gets around it.
 */
export interface Network {
  /** For the `connect` of an undici dispatcher. */
  connector(options: buildConnector.BuildOptions): buildConnector.connector;
  /** For node:http and what is built on it, WebSockets too; `protocol` as a URL has it. */
  agent(protocol: string, options: AgentOptions): Agent;
}

/** The code of the error of a connection that was refused. */
export const INNER_ADDRESS = 'ERR_INNER_ADDRESS';

/** @param isChecked asked at every connection: an entry may move from the console to the file, which may name anything */
export function createNetwork(isChecked: () => boolean): Network {
  const lookup = checkedLookup(isChecked);
  // Of an address that is no name nobody asks what it resolves to.
  const refusalOf = (host: string) => (isChecked() && isIP(host) && isInnerAddress(host) ? refusal() : undefined);
  return {
    connector(options) {
      const connect = buildConnector({ ...options, lookup });
      return (target, callback) => {
        const refused = refusalOf(target.hostname);
        if (refused) queueMicrotask(() => callback(refused, null));
        else connect(target, callback);
      };
    },
    agent(protocol, options) {
      const agent = protocol === 'https:' || protocol === 'wss:' ? new https.Agent(options) : new http.Agent(options);
      const connect = agent.createConnection.bind(agent);
      agent.createConnection = (target, callback) => {
        const refused = refusalOf(hostOf(target)) ?? (isChecked() && isLocalSocket(target) ? refusal() : undefined);
        if (!refused) return connect({ ...target, lookup }, callback);
        queueMicrotask(() => callback?.(refused, undefined as never));
        return undefined;
      };
      return agent;
    },
  };
}

function checkedLookup(isChecked: () => boolean): LookupFunction {
  return (name, options, callback) => {
    resolve(name, options, (error, found: string | LookupAddress[], family) => {
      const addresses = Array.isArray(found) ? found.map(({ address }) => address) : [found];
      // One bad address among good ones is enough: which of them is taken nobody knows.
      if (!error && isChecked() && addresses.some(isInnerAddress)) callback(refusal(), found, family);
      else callback(error, found, family);
    });
  };
}

/** A WebSocket's address may be `ws+unix:`: a file of this machine, with no host to check. */
const isLocalSocket = (target: object) => Boolean(Reflect.get(target, 'socketPath'));

function hostOf(target: object): string {
  const host: unknown = Reflect.get(target, 'host');
  return typeof host === 'string' ? host.replace(/^\[|\]$/g, '') : '';
}

/** Without the address: what a name stands for in the own network is nobody's business who asks from outside. */
function refusal(): NodeJS.ErrnoException {
  return Object.assign(new Error('an address of the own network'), { code: INNER_ADDRESS });
}
