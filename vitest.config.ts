// Which tests need what: the file name says it. `unit` needs nothing, `pg` a real PostgreSQL (the embedded one), `sim` time,
// `system` real processes, `browser` a Chromium. A test whose program is missing skips itself and says so.
import { defineConfig } from 'vitest/config'

const environments = ['pg', 'sim', 'browser', 'system'] as const
const ignored = ['**/node_modules/**', '**/dist/**', '.toolchain/**']

export default defineConfig({
  test: {
    reporters: ['default', './scripts/count-reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          sequence: { groupOrder: 0 },
          include: ['{apps,packages,hardware,test,scripts}/**/*.test.ts'],
          exclude: [...ignored, ...environments.map((name) => `**/*.${name}.test.ts`)],
        },
      },
      ...environments.map((name, index) => ({
        test: {
          name,
          include: [`{apps,packages,hardware,test}/**/*.${name}.test.ts`],
          exclude: ignored,
          testTimeout: name === 'pg' ? 30_000 : 180_000,
          hookTimeout: 60_000,
          fileParallelism: name === 'pg',
          // One kind after the other: processes and browsers want the machine to themselves.
          sequence: { groupOrder: index + 1 },
          globalSetup: name === 'pg' ? ['packages/testkit/src/postgres-setup.ts'] : [],
        },
      })),
    ],
  },
})
