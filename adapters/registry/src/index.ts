export { ADAPTERS } from './adapters.ts';
export { type Channel, type ChannelSet, createChannelSet } from './channels.ts';
