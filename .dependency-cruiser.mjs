/** Which project may import which; the folder layers inside a service are checked by oxlint. */
const order = [
  ['kernel'],
  ['contracts'],
  ['sqlite', 'config', 'telemetry'],
  ['grpc', 'events', 'state'],
  ['control', 'jobs', 'nest'],
];

const anyProject = '^(libs|services)/';

/** A lib of level n imports only libs of a level below. */
const leftwards = order.flatMap((level, n) =>
  level.map((lib) => ({
    name: `libs-leftwards-${lib}`,
    comment:
      'Libs import only leftwards: kernel <- contracts <- sqlite, config, telemetry <- grpc, events, state <- control, jobs, nest.',
    severity: 'error',
    from: { path: `^libs/${lib}/src/` },
    to: {
      path: anyProject,
      pathNot: `^libs/(${[lib, ...order.slice(0, n).flat()].join('|')})/`,
    },
  })),
);

export default {
  forbidden: [
    {
      name: 'no-service-imports-a-service',
      comment: 'Services talk by gRPC and events only; what two need belongs into a lib.',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'no-lib-imports-a-service',
      comment: 'Libs know nothing of services; fleet starts them as processes.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^services/' },
    },
    {
      name: 'testing-only-in-tests',
      comment:
        '@parley/testing, @parley/fleet and @parley/cli are not for production code of services and platform libs.',
      severity: 'error',
      from: { path: '^(services/[^/]+|libs/(?!testing|fleet|cli)[^/]+)/src/', pathNot: '\\.test\\.ts$' },
      to: { path: '^libs/(testing|fleet|cli)/' },
    },
    {
      name: 'no-deep-import-across-projects',
      comment: 'Across projects only what the package exports.',
      severity: 'error',
      from: { path: '^(libs|services)/([^/]+)/' },
      to: {
        path: '^(libs|services)/[^/]+/',
        pathNot: ['^$1/$2/', '/src/(index|ports|event-types)\\.ts$', '/dist/'],
      },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'domain-points-inwards',
      comment: 'domain and ports never import adapters or the composition root, not even types.',
      severity: 'error',
      from: { path: '^services/[^/]+/src/(domain|ports)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^services/[^/]+/src/', pathNot: '^services/[^/]+/src/(domain|ports)/' },
    },
    ...leftwards,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|gen)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.tests.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@parley/source', 'types', 'import', 'node', 'default'],
    },
  },
};
