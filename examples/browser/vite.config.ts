// Bundles the library's sources for browsers: `npx vite examples/browser` serves this page,
// and test/browser builds it with the same settings. ONNX Runtime's wasm becomes an asset beside the code.
import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig } from 'vite';

const repository = fileURLToPath(new URL('../..', import.meta.url));

export default defineConfig({
  base: './',
  resolve: {
    // 'oddity-source' picks src/ over dist/; an application that installs oddity needs neither of these two.
    conditions: ['oddity-source', ...defaultClientConditions],
    alias: { oddity: `${repository}src/index.ts` },
  },
  // Vite's own dependency bundling would part the runtime from its wasm file.
  optimizeDeps: { exclude: ['onnxruntime-web'] },
  build: { target: 'es2022', chunkSizeWarningLimit: 2000 },
  server: { host: '127.0.0.1', fs: { allow: [repository] } },
});
