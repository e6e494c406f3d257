import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { finishBuild } from './build/finish.ts';

/** What is built needs nothing of the workspace but this folder: the image has no other when it builds the console. */
export default defineConfig({
  plugins: [react(), finishBuild()],
  build: {
    target: 'es2023',
    // What the browser may load is said by the CSP; small files as data: URLs would need an exception there.
    assetsInlineLimit: 0,
    manifest: true,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
  },
});
