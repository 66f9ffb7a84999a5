import { defineConfig } from 'vitest/config'

// People at work in a real browser before the real program. One program for all files; within a file one step follows the other.
export default defineConfig({
  test: {
    include: ['browser/**/*.test.ts'],
    globalSetup: 'browser/program.ts',
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 60_000,
    bail: 1, // the steps of a file build on one another
  },
})
