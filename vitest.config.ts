import { defineConfig } from 'vitest/config';

const conditions = ['muflow-source', 'module', 'node', 'import', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['{core,plugins/*,apps/*}/src/**/*.spec.ts', 'test/**/*.spec.ts'],
    testTimeout: 60_000,
  },
});
