import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import { defineConfig } from 'vite'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

/** The filebrowser's page; the server's bundle finds it as `public` beside itself. */
export default defineConfig({
  root: path('./page'),
  base: './',
  plugins: [tailwindcss()],
  resolve: { alias: { '~': path('..') } },
  build: { outDir: path('../build/filebrowser/public'), emptyOutDir: true },
})
