import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { finishBuild } from './build/finish.ts';
import { mockApi } from './dev/plugin.ts';

/** PARLEY_API names a running hub to develop against; without it a mock in memory answers. */
const api = process.env.PARLEY_API;

export default defineConfig({
  plugins: [react(), ...(api ? [] : [mockApi()]), finishBuild()],
  server: { ...(api ? { proxy: { '/api': { target: api, changeOrigin: false } } } : {}) },
  build: {
    target: 'es2023',
    // What the browser may load is said by the CSP; small files as data: URLs would need an exception there.
    assetsInlineLimit: 0,
    manifest: true,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
  },
});
