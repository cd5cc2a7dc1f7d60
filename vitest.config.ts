import { defineConfig } from 'vitest/config';

// Without `import`: workers would pass it to Node, where `require` must not see it. Vite adds it where it belongs.
const conditions = ['@parley/source', 'module', 'node', 'default'];
const shared = { resolve: { conditions }, ssr: { resolve: { conditions } } };

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: ['{libs,services}/*/src/**/*.test.ts', 'scripts/**/*.test.ts'],
          testTimeout: 15_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'integration',
          include: [
            'services/*/tests/**/*.test.ts',
            'libs/!(fleet)/tests/**/*.test.ts',
            'examples/**/*.test.ts',
          ],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        ...shared,
        test: {
          name: 'fleet',
          include: ['libs/fleet/tests/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Each file boots five processes; on two cores one fleet at a time is the honest measure.
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
