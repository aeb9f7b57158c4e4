import { defineConfig } from 'vitest/config';

const conditions = ['slipway-source', 'node', 'import', 'module', 'default'];
const minutes = (count: number) => count * 60_000;

/** A suite of tests; `npm test -- <name>` runs one alone. */
const suite = (
  name: string,
  include: string[],
  timeoutMs: number,
  { isSequential = false, exclude = [] as string[] } = {},
) => ({
  extends: true as const,
  test: { name, include, exclude, testTimeout: timeoutMs, hookTimeout: timeoutMs, fileParallelism: !isSequential },
});

/** What needs the native addon, which takes Rust to build. */
const native = ['libs/adapters/runtime-native/**/*.spec.ts', 'test/native/**/*.spec.ts'];
const sequential = { isSequential: true };

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
        { exclude: native },
      ),
      suite('native', native, minutes(15), sequential),
      // Against real servers, which are built or installed on first use: MinIO takes minutes.
      suite('conformance', ['test/conformance/**/*.spec.ts'], minutes(15), sequential),
      // Faults under load: killed processes, lost stores, hostile input.
      suite('faults', ['test/faults/**/*.spec.ts'], minutes(15), sequential),
      suite('e2e', ['test/e2e/**/*.spec.ts'], minutes(3), sequential),
    ],
  },
});
