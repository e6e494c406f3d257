import { Redis } from 'ioredis';
import { readInput, serve } from './input.ts';
import { slackIngress } from './slack-ingress.ts';

/** Floor: the least that makes an event durable. Nobody answers it. */
const redis = new Redis({ path: readInput().redisSocket, enableAutoPipelining: true });
serve(slackIngress((question) => redis.xadd('questions', '*', 'question', JSON.stringify(question))));
