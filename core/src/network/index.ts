export { isInnerAddress } from './addresses.ts';
export { createNetwork, INNER_ADDRESS, type Network } from './network.ts';
