import { defineConfig } from 'vitest/config';

const conditions = ['@parley/source', 'module', 'node', 'import', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['{libs,services}/*/src/**/*.test.ts', '{libs,services}/*/tests/**/*.test.ts', 'libs/fleet/tests/**/*.test.ts'],
    testTimeout: 15_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
