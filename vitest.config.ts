import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const WITH_ENGINE = 'test/**/docker*.test.ts'

export default defineConfig({
  resolve: { alias: { '~': fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, '') } },
  test: {
    environment: 'node',
    setupFiles: ['test/support/setup.ts'],
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: { name: 'host', include: ['test/**/*.test.{ts,tsx}'], exclude: [WITH_ENGINE] },
      },
      {
        extends: true,
        // Chromium drops what it loads while network interfaces come and go on the host, as an Engine makes them.
        test: { name: 'engine', include: [WITH_ENGINE], sequence: { groupOrder: 1 } },
      },
    ],
  },
})
