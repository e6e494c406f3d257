import { z } from 'zod';

const texts = z.record(z.string(), z.string());
const status = z.enum(['firing', 'resolved']);

/** Alertmanager's webhook, version 4: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config */
export const alertGroupSchema = z.object({
  version: z.literal('4'),
  groupKey: z.string(),
  status,
  /** Alerts that were left out of the list (`max_alerts`). */
  truncatedAlerts: z.int().nonnegative().default(0),
  alerts: z
    .array(
      z.object({
        status,
        labels: texts,
        annotations: texts.default({}),
        startsAt: z.iso.datetime({ offset: true }),
        fingerprint: z.string().optional(),
      }),
    )
    .min(1),
});

export type AlertGroup = z.infer<typeof alertGroupSchema>;
export type Alert = AlertGroup['alerts'][number];
