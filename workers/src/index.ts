export { type Consumer, createConsumer } from './chat/consumer.ts';
export { createTurnRunner, type TurnRunner } from './chat/turn.ts';
export { createMaintenance, type Maintenance } from './maintenance/index.ts';
