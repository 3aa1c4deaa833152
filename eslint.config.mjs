import { createProjectGraphAsync } from '@nx/devkit';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

// The boundaries rule reads Nx's cached project graph and skips itself, silently, where there is none: on a fresh clone.
await createProjectGraphAsync();

/** Layers, lowest first. A project may import what stands before it, never its own layer or an app. */
const layers = ['contract', 'keys', 'domain', 'adapter', 'stage', 'app'];

/** Projects whose functions decide: the same input gives the same answer on every machine and on every day. */
const pure = ['libs/evidence', 'libs/idempotency', 'libs/case', 'libs/policy', 'tools/lint/fixtures/pure'];

const impureGlobals = [
  { name: 'process', message: 'The domain has no environment: take the value as an argument.' },
  { name: 'setTimeout', message: 'The domain has no clock.' },
  { name: 'setInterval', message: 'The domain has no clock.' },
  { name: 'setImmediate', message: 'The domain has no clock.' },
  { name: 'performance', message: 'The domain has no clock: take the time as an argument.' },
  { name: 'fetch', message: 'The domain does no I/O.' },
  { name: 'console', message: 'The domain does no I/O.' },
  { name: 'globalThis', message: 'The domain reaches for nothing that is not passed in.' },
  { name: 'global', message: 'The domain reaches for nothing that is not passed in.' },
  { name: 'crypto', message: 'The domain has no randomness: take ids as arguments.' },
];
const impureSyntax = [
  {
    // Also where it is only passed on: `const clock = Date.now`.
    selector:
      ":matches(MemberExpression[object.name='Date'][property.name='now'], VariableDeclarator[init.name='Date'] > ObjectPattern)",
    message: 'The domain has no clock: take the time as an argument.',
  },
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'The domain has no clock: take the time as an argument.',
  },
  {
    selector: "CallExpression[callee.name='Date']",
    message: 'The domain has no clock: take the time as an argument.',
  },
  {
    selector: 'ImportExpression',
    message: 'The domain imports what it needs at the top, where the purity rule sees it.',
  },
  {
    selector: 'CallExpression[callee.property.name=/^toLocale/]',
    message: 'The domain has no locale: the answer would depend on the machine.',
  },
  {
    selector:
      ":matches(MemberExpression[object.name='Math'][property.name='random'], VariableDeclarator[init.name='Math'] > ObjectPattern)",
    message: 'The domain has no randomness: take ids as arguments.',
  },
];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.nx/**', '.sallyport/**', 'tools/lint/fixtures/**'] },
  {
    files: ['apps/**/*.ts', 'libs/**/*.ts', 'tools/**/*.ts'],
    extends: [tseslint.configs.recommended],
    plugins: { '@nx': nx },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // By name the boundaries rule does not see apps: they export nothing, so Nx maps no import to them.
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^@sallyport/app-', message: 'Nothing imports an app.' }] },
      ],
      '@nx/enforce-module-boundaries': [
        'error',
        {
          // Real servers for specs and rehearsals; tools is no project, so there is no layer to break.
          allow: ['/tools/(allowed|local-servers|test-backends)$'],
          enforceBuildableLibDependency: false,
          depConstraints: layers.map((layer, at) => ({
            sourceTag: `layer:${layer}`,
            onlyDependOnLibsWithTags: layers.slice(0, at).map((lower) => `layer:${lower}`),
          })),
        },
      ],
    },
  },
  {
    // Nest reads constructor types at run time; a type-only import would erase them.
    files: ['apps/**/*.ts', 'libs/{queue,service,stage,case-log}/**/*.ts'],
    rules: { '@typescript-eslint/consistent-type-imports': 'off' },
  },
  {
    files: pure.map((root) => `${root}/**/*.ts`),
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-globals': ['error', ...impureGlobals],
      'no-restricted-syntax': ['error', ...impureSyntax],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(?!\\.{1,2}/|@sallyport/|zod$|@cedar-policy/cedar-wasm/nodejs$|node:crypto$).*',
              message: 'The domain imports no framework and does no I/O (zod, Cedar and hashing only).',
            },
            {
              group: ['node:crypto'],
              allowImportNames: ['createHash'],
              message: 'The domain hashes; it has no randomness and no secrets.',
            },
          ],
        },
      ],
    },
  },
);
