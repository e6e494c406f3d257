import { connect, quotaOver, request, tenant } from './helpers.ts';

/** One of several processes that reserve at the same time: prints how many of `count` requests were admitted. */
const [url = '', name = '', count = '0', json = '{}'] = process.argv.slice(2);
const { over, prices } = JSON.parse(json) as { over: object; prices: object };
const redis = connect(url);
await new Promise((resolve) => redis.once('ready', resolve));
const quota = quotaOver(redis);
const of = tenant(over);
const results = await Promise.all(
  Array.from({ length: Number(count) }, (_, i) => quota.reserve(request(`${name}-${i}`, of, prices))),
);
process.stdout.write(String(results.filter(({ status }) => status === 'admitted').length));
redis.disconnect();
