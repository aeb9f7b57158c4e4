import { defineConfig } from 'vitest/config';

const conditions = ['slipway-source', 'node', 'import', 'module', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['libs/**/*.spec.ts', 'apps/**/*.spec.ts', 'registry-schema/**/*.spec.ts'],
    environment: 'node',
    testTimeout: 20_000,
  },
});
