import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

// Two pages in one build: the citizens' under /, light and without Element Plus, and the staff's under /console/.
export default defineConfig({
  plugins: [vue()],
  build: {
    outDir: 'pages/dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0, // the content policy knows no inline anything
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    rollupOptions: { input: { citizen: 'index.html', console: 'console/index.html' } },
  },
  // For `npx vite`: the pages with a running program behind them.
  server: { proxy: { '/v1': process.env.HOTLINE ?? 'http://127.0.0.1:8080' } },
})
