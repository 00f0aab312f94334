// Who may import whom (docs/architecture.md has the table). The rules are the architecture: when one is in the way, the thing
// is probably in the wrong room.
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to })
const tests = '\\.test\\.ts$|/scripts/'
const npm = (name) => `node_modules/${name}/`
const inside = (path) => ({ path, pathNot: tests })
const own = (pathNot) => ({ pathNot: `${pathNot}|${tests}` })

/** One door per library: it is imported in these places and nowhere else. */
const doors = [
  ['better-sqlite3', 'apps/gate-agent/src/store/|test/', 'SQLite belongs to the gate agent’s store'],
  [
    'drizzle-orm',
    'apps/cloud-server/src/(db|auth|events|roster|gates)/',
    'the rooms with plain rows ask for them with it',
  ],
  [
    'pg',
    'apps/cloud-server/src/(db|auth|events|roster|gates|attendance|stats|jobs|ingest/pg-|downlink/pg-|health)|packages/testkit/|test/',
    'PostgreSQL belongs to the rooms that own tables',
  ],
  ['mqtt', 'apps/(gate-agent|cloud-server)/src/link/|test/', 'one link file per house'],
  ['aedes', 'apps/cloud-server/src/broker/', 'the embedded broker is one room'],
  [
    '(zxing-wasm|@zxing/library|pngjs|jpeg-js)',
    'hardware/drivers/|apps/kiosk/|apps/cli/|test/',
    'decoders are drivers',
  ],
  ['fastify', 'apps/[^/]+/src/(kiosk-api|api|live|health|auth)/|test/', 'HTTP has its own rooms'],
  ['typebox', 'packages/(protocol|runtime)/|apps/[^/]+/src/|hardware/drivers/', 'schemas stand at the walls'],
]

export default {
  forbidden: [
    forbid('no-cycles', 'A cycle means two rooms are one room.', { pathNot: '^test/' }, { circular: true }),
    forbid(
      'no-cycles-in-tests',
      'The parts of the simulated world know its type; values go one way.',
      { path: '^test/' },
      {
        circular: true,
        viaOnly: { dependencyTypesNot: ['type-only'] },
      },
    ),
    forbid('domain-is-alone', 'domain imports nothing, not even node:', inside('^packages/domain/src'), {
      pathNot: '^packages/domain/src',
    }),
    forbid('protocol', 'protocol imports domain, typebox and node:crypto', inside('^packages/protocol/src'), {
      pathNot: `^packages/(protocol|domain)/src|${npm('typebox')}|^(node:)?(crypto|buffer)$`,
    }),
    forbid(
      'runtime-knows-no-gate',
      'runtime is below everything',
      { path: '^packages/runtime/src', pathNot: tests },
      { path: '^(apps|hardware|packages/(domain|protocol|ui|testkit))/' },
    ),
    forbid(
      'drivers',
      'drivers import domain, protocol, runtime',
      { path: '^hardware/', pathNot: tests },
      { path: '^(apps|packages/(ui|testkit))/' },
    ),
    forbid(
      'testkit-in-tests-only',
      'only tests import testkit',
      { pathNot: `${tests}|^packages/testkit/|^test/|^vitest` },
      { path: '^packages/testkit/' },
    ),
    forbid(
      'apps-are-apart',
      'an app never imports another',
      { path: '^apps/([^/]+)/' },
      { path: '^apps/', pathNot: '^apps/$1/' },
    ),
    forbid('packages-below-apps', 'packages do not know apps', { path: '^packages/' }, { path: '^apps/' }),
    forbid(
      'pages',
      'pages import domain, protocol (types) and ui',
      { path: '^(apps/(kiosk|dashboard)|packages/ui)/src', pathNot: tests },
      { path: '^packages/(runtime|testkit)/|^hardware/|^(node:)?(fs|crypto|path)$' },
    ),
    forbid(
      'gate-rooms',
      'a room of the gate imports store and packages, never another room',
      { path: '^apps/gate-agent/src/([^/]+)/', pathNot: tests },
      {
        path: '^apps/gate-agent/src/[^/]+/',
        pathNot: '^apps/gate-agent/src/($1|store)/',
      },
    ),
    forbid(
      'cloud-layer-0',
      'db is the lowest layer',
      { path: '^apps/cloud-server/src/db/', pathNot: tests },
      { path: '^apps/cloud-server/src/', pathNot: '^apps/cloud-server/src/db/' },
    ),
    forbid(
      'cloud-layer-1',
      'auth, events, roster, gates, attendance look down at db only',
      { path: '^apps/cloud-server/src/(auth|events|roster|gates|attendance)/', pathNot: tests },
      {
        path: '^apps/cloud-server/src/(ingest|stats|downlink|jobs|alerts|live|api|roles)/',
      },
    ),
    forbid(
      'cloud-layer-2',
      'ingest, stats, downlink, jobs look down',
      { path: '^apps/cloud-server/src/(ingest|stats|downlink|jobs)/', pathNot: tests },
      {
        path: '^apps/cloud-server/src/(alerts|live|api|roles)/',
      },
    ),
    forbid(
      'cloud-layer-3',
      'live does not know the api',
      { path: '^apps/cloud-server/src/(alerts|live)/', pathNot: tests },
      { path: '^apps/cloud-server/src/(api|roles)/' },
    ),
    ...doors.map(([library, from, why]) =>
      forbid(`door-${library.replace(/\W/g, '')}`, why, own(from), { path: npm(library) }),
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/|^\\.toolchain' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
