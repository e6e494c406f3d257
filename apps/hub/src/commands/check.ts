import { describeIssues, loadConfig } from '@parley/core/config';
import { misused, type RunCommand } from './index.ts';

export const check: RunCommand = async ({ args: [file, ...rest], env }) => {
  if (!file || rest.length > 0) return misused('check', env);
  const { result } = await loadConfig(file, env);
  if (!result.ok) {
    process.stdout.write(`${describeIssues(result.issues)}\n`);
    return 1;
  }
  const { tenants, channels, models } = result.config;
  process.stdout.write(
    `${file}: ok (${tenants.length} tenants, ${channels.length} channels, ${models.length} models)\n`,
  );
  return 0;
};
