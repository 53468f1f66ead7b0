/**
 * Which floor may know which (see ARCHITECTURE.md). TypeScript's project references refuse most of this too; what they
 * cannot see is here: siblings on one floor, cycles, packages, files nobody imports. `scripts/check-floors.mjs` runs it.
 */

/** A floor may import itself and the floors named, nothing else of `src`. */
const floor = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: '^src/', pathNot: allowed },
})

export default {
  forbidden: [
    floor('floor-0-sansio', '^src/sansio/', '^src/sansio/'),
    floor('floor-1-upload', '^src/upload/', '^src/(sansio|upload)/'),
    // On floor 2 a room is a folder or a single file; rooms meet at upload/ports.ts only.
    floor(
      'floor-2-rooms',
      '^src/(storages|protocols)/([^/.]+)(?:/|\\.ts$)',
      '^src/(sansio|upload)/|^src/$1/$2(?:/|\\.ts$)',
    ),
    floor('floor-2-inspectors', '^src/inspectors/', '^src/(sansio|upload|inspectors)/'),
    floor('floor-2-testing', '^src/testing/', '^src/(sansio|upload|testing)/'),
    floor('floor-3-html', '^src/html/', '^src/(sansio|html)/'),
    // Of the storages the server knows the lockers only: a default has to come from somewhere.
    floor('floor-3-server', '^src/server/', '^src/(sansio|upload|protocols|html|server|storages/lockers)/'),
    // Every adapter stands on the bridge or on Fetch, none on another adapter.
    floor(
      'floor-4-adapters',
      '^src/adapters/([^/.]+)(?:/|\\.ts$)',
      '^src/(sansio|upload|server)/|^src/adapters/node-bridge(?:/|\\.ts$)|^src/adapters/$1(?:/|\\.ts$)',
    ),
    floor('doors-know-no-customer', '^src/[^/]+\\.ts$', '^src/(?!cli/|client/)[^/]+/|^src/client/.*'),
    floor('only-the-client-door-knows-the-client', '^src/(?!client\\.ts$)[^/]+\\.ts$', '^src/(?!client/)'),
    floor('floor-5-cli', '^src/cli/', '^src/cli/|^src/(?!client\\.ts$|testing\\.ts$)[^/]+\\.ts$'),
    floor('client-apart', '^src/client/', '^src/(sansio|client)/'),
    {
      name: 'no-node-modules-in-pure-floors',
      comment: 'node:* is for storages, server, adapters, testing and the command line.',
      severity: 'error',
      from: { path: '^src/(sansio|upload|html|client)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-packages',
      comment: 'The package has no dependencies; Dropzone and tus-js-client are bundled into client scripts.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/adapters/express/types\\.ts$' },
      to: { pathNot: '^src/|(^|/)node_modules/(dropzone|tus-js-client)/', dependencyTypesNot: ['core', 'unknown'] },
    },
    {
      name: 'only-the-types-of-express',
      comment: 'The Express door uses the types of Express where they are installed.',
      severity: 'error',
      from: { path: '^src/adapters/express/types\\.ts$' },
      to: { pathNot: '^src/|(^|/)node_modules/(@types/)?express/', dependencyTypesNot: ['core', 'unknown'] },
    },
    {
      name: 'dropzone-only-in-the-client',
      severity: 'error',
      from: { path: '^src/(?!client/)' },
      to: { path: '(^|/)node_modules/(dropzone|tus-js-client)/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      // Declarations belong to nobody, and the stand-ins for parts of tus-js-client are put in by the bundler.
      from: { orphan: true, path: '^src/', pathNot: '\\.d\\.ts$|^src/client/native-' },
      to: {},
    },
    {
      name: 'nothing-missing',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Imports of types count: a floor that only knows another's types knows it all the same.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.json'],
      conditionNames: ['types', 'import', 'default'],
    },
  },
}
