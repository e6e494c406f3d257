export { explainTurn } from './explain.ts';
export { reasonOf } from './reasons.ts';
export { stepsOf, type TimelineStep } from './steps.ts';
export { tellTurn } from './tell.ts';
export type { InBoth, TurnFacts } from './types.ts';
