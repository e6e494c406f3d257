import { defineConfig } from 'drizzle-kit';

/** Writes a migration after a change of the schema: pnpm drizzle-kit generate */
export default defineConfig({
  dialect: 'postgresql',
  schema: './core/src/store/schema.ts',
  out: './core/src/store/migrations',
});
