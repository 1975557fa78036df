/** How the page is built: into files that load nothing from anywhere else, and run under a strict policy. */
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import { builtFrom, sourcesHash } from '../web-build.ts';

/** Writes beside the build what it was made from. */
const noteSources: Plugin = {
  name: 'note-sources',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: builtFrom, source: sourcesHash() });
  },
};

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // Relative, since nobody knows here where the app will be mounted.
  base: './',
  publicDir: false,
  logLevel: 'warn',
  plugins: [noteSources],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  resolve: { conditions: ['cadenza-source'] },
  build: {
    outDir: fileURLToPath(new URL('../../dist/web', import.meta.url)),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
  },
});
