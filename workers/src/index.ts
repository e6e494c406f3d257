export type { MaskText } from './chat/by-human.ts';
export type { LimitsOf } from './chat/commands.ts';
export { type Consumer, createConsumer } from './chat/consumer.ts';
export { reportTurn } from './chat/finish.ts';
export { measureTurn } from './chat/measure.ts';
export { createTurnRunner, type TurnRunner } from './chat/turn.ts';
export { createMaintenance, type Maintenance } from './maintenance/index.ts';
