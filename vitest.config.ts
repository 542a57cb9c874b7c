import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const WITH_ENGINE = 'test/**/docker*.test.ts'
const OF_DEVELOPMENT = 'test/start/dev.test.ts'
const WITH_MOCKED_MODULES = 'test/**/*.mocked.test.ts'

/** Small files of one long test: large files begin first, and at the end all would wait for these. */
const LONG = /(transfer-kill|chaos)\.test\.ts$/
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => Number(LONG.test(moduleId))
    return (await super.sort(files)).toSorted((one, other) => isLong(other) - isLong(one))
  }
}

export default defineConfig({
  resolve: { alias: { '~': fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, '') } },
  test: {
    environment: 'node',
    setupFiles: ['test/support/setup.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Modules are imported once by a worker, not by each file again.
    isolate: false,
    unstubEnvs: true,
    unstubGlobals: true,
    // One more than the smallest machine has processors: much of the time is waiting.
    maxWorkers: 3,
    sequence: { sequencer: LongFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'host',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: [WITH_ENGINE, WITH_MOCKED_MODULES, OF_DEVELOPMENT],
        },
      },
      {
        extends: true,
        // What it mocks may be imported already where files share modules.
        test: { name: 'mocked', include: [WITH_MOCKED_MODULES], isolate: true },
      },
      {
        extends: true,
        // Chromium drops what it loads while network interfaces come and go on the host, as an Engine makes them.
        test: { name: 'engine', include: [WITH_ENGINE], sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        // It builds everything while it watches, and one of its tests was once not done after two minutes beside others.
        test: { name: 'development', include: [OF_DEVELOPMENT], maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
  },
})
