/** @type {import('dependency-cruiser').IConfiguration} */
// The dependency direction of docs/architecture.md as code.
const spec = '\\.spec\\.ts$';
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });
/** Domain libs may import themselves and exactly these others. */
const domainMayImport = {
  errors: [],
  inference: ['errors'],
  ensemble: ['errors', 'inference'],
  registry: ['errors', 'inference'],
  traffic: [],
  routing: ['errors', 'inference', 'traffic'],
  schedule: [],
  signing: ['errors'],
  rollout: ['errors', 'inference', 'ensemble', 'registry', 'routing', 'schedule', 'signing', 'traffic'],
  access: ['errors', 'schedule'],
  audit: ['errors'],
  plugin: ['errors', 'inference', 'registry'],
};
const domainOrder = Object.entries(domainMayImport).map(([lib, deps]) =>
  rule(
    `domain-order-${lib}`,
    `${lib} imports only: ${deps.join(', ') || 'nothing'}`,
    { path: `^libs/domain/${lib}/` },
    { path: `^libs/domain/(?!(${[lib, ...deps].join('|')})/)` },
  ),
);

module.exports = {
  forbidden: [
    rule('no-circular', 'A cycle is a design fault: extract the shared concept.', {}, { circular: true }),
    rule(
      'no-unresolvable',
      'Every import resolves, but the addon of native/, which is there where it was built.',
      {},
      {
        couldNotResolve: true,
        pathNot: '^#native$',
      },
    ),
    rule(
      'domain-is-pure',
      'Domain: no Nest, npm, Node core or I/O.',
      { path: '^libs/domain/', pathNot: spec },
      { pathNot: '^libs/domain/' },
    ),
    ...domainOrder,
    rule(
      'application-is-io-free',
      'Use cases see domain and their own ports.',
      { path: '^libs/application/', pathNot: spec },
      { pathNot: '^libs/(domain|application)/' },
    ),
    rule(
      'application-not-application',
      'Use-case libs do not call each other.',
      { path: '^libs/application/([^/]+)/' },
      { path: '^libs/application/', pathNot: '^libs/application/$1/' },
    ),
    rule(
      'adapters-not-adapters',
      // How a program is started is no outside system.
      'One outside system per adapter.',
      { path: '^libs/adapters/([^/]+)/', pathNot: spec },
      { path: '^libs/adapters/', pathNot: '^libs/adapters/($1|child-process)/' },
    ),
    rule('nest-only-in-apps', 'Nest stays in apps/.', { path: '^libs/' }, { path: 'node_modules/@nestjs/' }),
    rule('libs-not-apps', 'Libs never import apps.', { path: '^libs/' }, { path: '^apps/' }),
    rule(
      'apps-not-apps',
      // How access, plugins and TLS are put together is no program.
      'Apps talk over the wire; only the all-in-one composes modules.',
      { path: '^apps/(?!slipway/)([^/]+)/' },
      { path: '^apps/', pathNot: '^apps/($1|access|plugins|tls)/' },
    ),
    rule(
      'public-entry-from-libs',
      'Import a lib by its index.ts.',
      { path: '^libs/([^/]+/[^/]+)/' },
      { path: '^libs/(domain|application|adapters)/[^/]+/src/(?!index\\.ts$)', pathNot: '^libs/$1/' },
    ),
    rule(
      'public-entry-from-apps',
      'Import a lib by its index.ts.',
      { path: '^(apps|test)/' },
      { path: '^libs/(domain|application|adapters)/[^/]+/src/(?!index\\.ts$)' },
    ),
    rule(
      'wire-adapters-in-modules-only',
      // config, telemetry, wire-errors, open-inference, graphql-server, http-access and grpc-access only translate: they open nothing, so any file may use them.
      'Adapters of outside systems are named only in *.module.ts or main.ts.',
      { path: '^apps/', pathNot: '(\\.module|/main|\\.spec)\\.ts$' },
      // A type opens nothing either.
      {
        path: '^libs/adapters/(?!(config|telemetry|wire-errors|open-inference|graphql-server|http-access|grpc-access)/)',
        dependencyTypesNot: ['type-only'],
      },
    ),
    rule(
      'native-only-through-runtime',
      'One door to the addon.',
      { pathNot: '^(libs/adapters/runtime-native|native|test)/' },
      { path: '^native/' },
    ),
    rule(
      'no-test-code-in-production',
      'Fakes stay in tests.',
      { pathNot: `(${spec}|^test/|^libs/testing/)` },
      { path: '^(test|libs/testing)/' },
    ),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['slipway-source', 'import', 'require', 'node', 'default', 'types'],
    },
  },
};
