import tseslint from 'typescript-eslint';
import layers from './tools/lint/layers.mjs';

const source = 'src/**/*.ts';
const unitTests = '**/*.test.ts';
/** What the unit tests of a package share. */
const testHelpers = 'src/*/test/*.ts';

/** What QuickJS-NG does not have, or what would need an event loop, which the standalone host does not have. */
const absentGlobals = [
  ['process', 'Buffer', 'console', 'global', 'require', 'module', '__dirname', '__filename', 'performance'],
  ['TextDecoder', 'TextEncoder', 'Intl', 'URL', 'URLSearchParams', 'structuredClone', 'atob', 'btoa', 'fetch'],
  ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'queueMicrotask', 'Promise'],
  [
    'AbortController',
    'Event',
    'EventTarget',
    'Worker',
    'SharedArrayBuffer',
    'Atomics',
    'WebAssembly',
    'eval',
    'Function',
  ],
].flat();

const syntax = (message, ...selectors) => selectors.map((selector) => ({ selector, message }));

const always = [
  ...syntax(
    'Everything is synchronous: the standalone host has no event loop.',
    ':function[async=true]',
    'AwaitExpression',
    'ForOfStatement[await=true]',
    'TSTypeReference[typeName.name=/^(Promise|PromiseLike)$/]',
  ),
  ...syntax('Parts are loaded by src/sys/lazy.ts: the product has no module loader.', 'ImportExpression'),
  ...syntax('Modules are bundled into scripts.', 'MetaProperty[meta.name="import"]'),
  ...syntax('QuickJS-NG has no Intl.', 'MemberExpression[property.name=/^(toLocale.*|localeCompare)$/]'),
];
const onlySys = syntax(
  'Only src/sys touches the addon and the global object.',
  'Identifier[name="globalThis"]',
  'Identifier[name="ocirunNative"]',
);
const nativeObject = '/^(sys|native)$/';
const onlyMain = [
  ...syntax(
    'Only src/main.ts ends the process.',
    `CallExpression[callee.object.name=${nativeObject}][callee.property.name="exit"]`,
    `VariableDeclarator[init.name=${nativeObject}] Property[key.name="exit"]`,
  ),
  ...syntax(
    'Errors are thrown; only src/main.ts logs them.',
    'CallExpression[callee.object.name="log"][callee.property.name="error"]',
  ),
];
const onlyLog = syntax(
  'Only src/main.ts and the log write to standard error: throw an error, or log.',
  ...['[arguments.0.value=2]', '[arguments.0.name=/^(stderr|standardError)$/]'].map(
    (first) => `CallExpression[callee.object.name=${nativeObject}][callee.property.name="write"]${first}`,
  ),
);

const restrict = (...lists) => ({ 'no-restricted-syntax': ['error', ...lists.flat()] });

const sizes = {
  'max-lines': ['error', { max: 250 }],
  'max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true }],
};

const common = {
  eqeqeq: ['error', 'always', { null: 'ignore' }],
  'no-eval': 'error',
  'no-implied-eval': 'error',
  'no-new-func': 'error',
  'no-var': 'error',
  'prefer-const': 'error',
  'no-unused-vars': 'off',
  '@typescript-eslint/no-unused-vars': [
    'error',
    { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
  ],
};

export default tseslint.config(
  { ignores: ['build/', 'node_modules/', 'bin/', '.tap/', 'addon/generated/', 'bench/results/'] },
  { files: ['**/*.{js,mjs,cjs,ts}'], extends: [tseslint.configs.base], rules: { ...common, ...sizes } },
  {
    // The folders that tsconfig.json includes.
    files: ['{src,conformance,spec-schemas}/**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-unused-vars': common['@typescript-eslint/no-unused-vars'],
      // Sets of the kernel's flags share values: MFD_CLOEXEC and F_SEAL_SEAL are both 1.
      '@typescript-eslint/no-duplicate-enum-values': 'off',
      // Numbers from the kernel are compared with names for them.
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      // The addon is an object of functions that need no this.
      '@typescript-eslint/unbound-method': 'off',
      // Numbers in messages are what they look like.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
    },
  },
  {
    files: [source],
    ignores: [unitTests, testHelpers, '**/*.d.ts'],
    plugins: { ocirun: { rules: { layers } } },
    rules: {
      'ocirun/layers': 'error',
      'no-restricted-globals': ['error', ...absentGlobals],
      ...restrict(always, onlySys, onlyMain, onlyLog),
    },
  },
  { files: ['src/main.ts'], rules: restrict(always, onlySys) },
  // The part of main.ts that prints errors: rule layers sees to it that only main.ts imports it.
  { files: ['src/commands/report.ts'], rules: restrict(always, onlySys, onlyLog) },
  { files: ['src/log.ts'], rules: restrict(always, onlySys, onlyMain) },
  { files: ['src/sys/**/*.ts'], ignores: [unitTests], rules: restrict(always, onlyMain, onlyLog) },
  // A program of its own, for the tests, and the case that looks at `exit`.
  { files: ['src/sys/surface-main.ts', 'src/sys/surface/texts.ts'], rules: restrict(always, onlyLog) },
  {
    files: [unitTests],
    rules: {
      // A test file is one long list, and tap's t.test() returns a promise that tap itself waits for.
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-floating-promises': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  // Tables, and what is made from the schemas.
  { files: ['src/spec/*types.ts', 'src/sys/native.ts', 'src/errors/catalogue.ts'], rules: { 'max-lines': 'off' } },
);
