export type { Rebuild, UsageSum } from './birth.ts';
export { calendarOf, type Forecast, forecastOf } from './forecast.ts';
export { createQuota, type QuotaOptions } from './quota.ts';
export { quotaText, refusalText } from './texts.ts';
export * from './types.ts';
