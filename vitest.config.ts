import { defineConfig } from 'vitest/config';

const conditions = ['slipway-source', 'node', 'import', 'module', 'default'];
const minutes = (count: number) => count * 60_000;

/** A suite of tests; `npm test -- <name>` runs one alone. */
const suite = (name: string, include: string[], timeoutMs: number, isSequential = false) => ({
  extends: true as const,
  test: { name, include, testTimeout: timeoutMs, hookTimeout: timeoutMs, fileParallelism: !isSequential },
});

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    environment: 'node',
    projects: [
      suite(
        'unit',
        [
          'libs/**/*.spec.ts',
          'apps/**/*.spec.ts',
          'gitops/**/*.spec.ts',
          'test/bench/**/*.spec.ts',
          'test/supply-chain/**/*.spec.ts',
        ],
        minutes(0.5),
      ),
      // Against real servers, which are built or installed on first use: MinIO takes minutes.
      suite('conformance', ['test/conformance/**/*.spec.ts'], minutes(15), true),
      // Faults under load: killed processes, lost stores, hostile input.
      suite('faults', ['test/faults/**/*.spec.ts'], minutes(15), true),
      suite('e2e', ['test/e2e/**/*.spec.ts'], minutes(3), true),
    ],
  },
});
