import { defineConfig, mergeConfig } from 'vite';
import build from '../vite.config.ts';
import { mockApi } from './plugin.ts';

/** PARLEY_API names a running hub to develop against; without it a mock in memory answers. */
const api = process.env.PARLEY_API;

export default mergeConfig(
  build,
  defineConfig(
    api ? { server: { proxy: { '/api': { target: api, changeOrigin: false } } } } : { plugins: [mockApi()] },
  ),
);
