/** What every project's Jest shares. Nest 12 and a few of its dependencies ship ESM only, so swc compiles those too. */
const esmOnly = [
  '@nestjs',
  'file-type',
  'strtok3',
  'token-types',
  'uint8array-extras',
  '@tokenizer',
  '@borewit',
  'load-esm',
  'uid',
  'jose',
  'openid-client',
  'oauth4webapi',
  'selfsigned',
];

/** Few tests take a tenth of this on an idle machine; three workers beside Postgres and Chromium do not leave one idle. */
const patienceMs = 60_000;

/** @param {string} displayName the project's name, e.g. `case` */
module.exports = (displayName) => ({
  displayName,
  // Read where one project runs alone; where all run, the root's is.
  testTimeout: patienceMs,
  testEnvironment: 'node',
  testMatch: ['<rootDir>/src/**/*.spec.ts'],
  testEnvironmentOptions: {
    customExportConditions: ['@sallyport/source', 'node', 'require', 'default'],
  },
  setupFiles: ['reflect-metadata'],
  transform: {
    '^.+\\.(ts|js|mjs)$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          target: 'es2022',
        },
        module: { type: 'commonjs' },
      },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly.join('|')})/)`],
});

module.exports.patienceMs = patienceMs;
