import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { type ContestantInput, readInput, serve } from './input.ts';
import { type SlackQuestion, slackIngress } from './slack-ingress.ts';

/** As many at a time as a worker of the hub. */
const CONCURRENCY = 64;

/**
 * Floor: the least durable pipeline — an ingress and a worker with a BullMQ queue between them, in one process. The
 * job's id is the event's, so that a redelivered event is not answered twice. No order, no limits, no memory, no records.
 */
export function runQueue(
  /** Of its own: others run beside it. */
  name: string,
  makeAnswer: (input: ContestantInput) => (question: SlackQuestion) => Promise<unknown>,
): void {
  const input = readInput();
  const connect = () => new Redis({ path: input.redisSocket, enableAutoPipelining: true, maxRetriesPerRequest: null });
  const queue = new Queue<SlackQuestion>(name, {
    connection: connect(),
    skipVersionCheck: true,
    defaultJobOptions: { removeOnComplete: { age: 60 }, removeOnFail: true },
  });
  const answer = makeAnswer(input);
  new Worker<SlackQuestion>(name, (job) => answer(job.data), {
    connection: connect(),
    concurrency: CONCURRENCY,
    skipVersionCheck: true,
  });
  serve(slackIngress((question) => queue.add('question', question, { jobId: question.eventId })));
}
