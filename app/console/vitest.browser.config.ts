import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

// By name. Vitest's own order is that of the last run's durations and failures: another one every time.
class ByName extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    return files.sort((a, b) => (a.moduleId < b.moduleId ? -1 : 1))
  }
}

// People at work in a real browser before the real program. One program for all files; within a file one step follows the other. A file
// builds on no other: what changes for good how a city works happens in a city of its own.
export default defineConfig({
  test: {
    include: ['browser/**/*.test.ts'],
    globalSetup: 'browser/program.ts',
    sequence: { sequencer: ByName },
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 60_000,
    bail: 1, // the steps of a file build on one another
  },
})
