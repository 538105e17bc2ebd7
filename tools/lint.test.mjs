// Each rule of the house is proven by code that breaks it, and by code beside it that does not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import { keysIn, propertyNames } from './check-addon-keys.mjs';
import typeless from './lint/typeless.mjs';

const cwd = fileURLToPath(new URL('..', import.meta.url));
const eslint = new ESLint({ cwd, overrideConfig: typeless });

async function rulesBroken(filePath, code) {
  const [result] = await eslint.lintText(`${code}\n`, { filePath });
  return [...new Set(result.messages.map(({ ruleId, message }) => ruleId ?? message))];
}

const globals = 'no-restricted-globals';
const syntax = 'no-restricted-syntax';
const layers = 'ocirun/layers';
const long = (lines) => `export function long(): void {\n${'  f();\n'.repeat(lines)}}\ndeclare function f(): void;`;

/** Path, code, the rules that it breaks. */
const cases = [
  ['src/state/x.ts', "import { readFileSync } from 'node:fs';\nexport const x = readFileSync;", [layers]],
  ['src/state/x.ts', "import fs from 'fs';\nexport const x = fs;", [layers]],
  ['src/state/x.ts', "import type { Stats } from 'node:fs';\nexport type X = Stats;", [layers]],
  ['src/state/x.ts', "import ajv from 'ajv';\nexport const x = ajv;", [layers]],
  ['src/state/x.test.ts', "import { readFileSync } from 'node:fs';\nexport const x = readFileSync;", []],
  ['src/commands/x.ts', "import parse from 'yargs-parser';\nexport const x = parse;", []],
  ['src/state/x.ts', "import parse from 'yargs-parser';\nexport const x = parse;", [layers]],
  ...['process', 'console', 'Buffer', 'TextDecoder', 'setTimeout', 'Intl', 'Promise'].map((name) => [
    'src/state/x.ts',
    `export const x: unknown = ${name};`,
    [globals],
  ]),
  ['src/state/x.ts', 'export type X = Promise<void>;', [syntax]],
  ['src/state/x.ts', 'export const x = async (): void => undefined;', [syntax]],
  ['src/state/x.ts', "export const x: unknown = import('./y.ts');", [syntax]],
  ['src/state/x.ts', "export const x = 'a'.localeCompare('b');", [syntax]],
  ['src/state/x.test.ts', 'export const x: unknown = process.env;', []],
  ['src/state/x.ts', "import { native } from '../sys/native.ts';\nexport const x = native;", [layers]],
  ['src/state/x.ts', "import { sys } from '../sys/index.ts';\nexport const x = sys;", []],
  ['src/sys/x.ts', "import { native } from './native.ts';\nexport const x = native;", []],
  ['src/state/x.ts', 'export const x = globalThis.ocirunNative;', [syntax]],
  ['src/state/x.ts', 'export const x = ocirunNative;', [syntax]],
  ['src/sys/x.ts', 'export const x = globalThis.ocirunNative;', []],
  ['src/commands/x.ts', "import { sys } from '../sys/index.ts';\nsys.exit(1);", [syntax]],
  ['src/commands/x.ts', "import { sys } from '../sys/index.ts';\nexport const { exit } = sys;", [syntax]],
  ['src/sys/x.ts', "import { native } from './native.ts';\nnative.exit(1);", [syntax]],
  ['src/main.ts', "import { sys } from './sys/index.ts';\nsys.exit(1);", []],
  ['src/commands/x.ts', "import { sys } from '../sys/index.ts';\nsys.write(2, 'no');", [syntax]],
  ['src/commands/x.ts', "import { sys } from '../sys/index.ts';\nsys.write(1, 'yes');", []],
  ['src/main.ts', "import { sys } from './sys/index.ts';\nsys.write(2, 'no');", []],
  [
    'src/lifecycle/x.ts',
    "import type { Log } from '../log.ts';\nexport const x = (log: Log) => log.error('no');",
    [syntax],
  ],
  ['src/lifecycle/x.ts', "import type { Log } from '../log.ts';\nexport const x = (log: Log) => log.warn('yes');", []],
  ['src/commands/x.ts', "import { report } from './report.ts';\nexport const x = report;", [layers]],
  ['src/main.ts', "import { report } from './commands/report.ts';\nexport const x = report;", []],
  ...['plan', 'validate', 'seccomp-bpf-compiler'].flatMap((pure) => [
    [`src/${pure}/x.ts`, "import { sys } from '../sys/index.ts';\nexport const x = sys;", [layers]],
    [`src/${pure}/x.ts`, "import type { Native } from '../sys/index.ts';\nexport type X = Native;", [layers]],
    [`src/${pure}/x.ts`, "import { OcirunError } from '../errors/error.ts';\nexport const x = OcirunError;", [layers]],
    [`src/${pure}/x.ts`, "import { y } from '../lifecycle/y.ts';\nexport const x = y;", [layers]],
    [`src/${pure}/x.ts`, "import type { Y } from '../lifecycle/y.ts';\nexport type X = Y;", [layers]],
    [`src/${pure}/x.ts`, "import type { Spec } from '../spec/types.ts';\nexport type X = Spec;", []],
    [`src/${pure}/x.ts`, "import { y } from './y.ts';\nexport const x = y;", []],
  ]),
  ['src/sys/x.ts', "import { create } from '../lifecycle/create.ts';\nexport const x = create;", [layers]],
  ['src/state/x.ts', "import { create } from '../lifecycle/create.ts';\nexport const x = create;", [layers]],
  ['src/lifecycle/x.ts', "import { verbs } from '../commands/index.ts';\nexport const x = verbs;", [layers]],
  ['src/lifecycle/x.ts', "export { verbs } from '../commands/index.ts';", [layers]],
  ['src/lifecycle/x.ts', "export * from '../commands/index.ts';", [layers]],
  ['src/commands/x.ts', "import { create } from '../lifecycle/create.ts';\nexport const x = create;", []],
  ['src/utils/x.ts', "import { OcirunError } from '../errors/error.ts';\nexport const x = OcirunError;", [layers]],
  ['src/state/x.ts', "import { x } from '../../tools/x.mjs';\nexport const y = x;", [layers]],
  ['src/state/x.ts', 'export const x = (y: any): unknown => y;', ['@typescript-eslint/no-explicit-any']],
  ['src/state/x.ts', long(48), []],
  ['src/state/x.ts', long(49), ['max-lines-per-function']],
  ['src/state/x.ts', 'export const x = 1;\n'.repeat(1) + '// line\n'.repeat(250), ['max-lines']],
  ['src/sys/native.ts', 'export const x = 1;\n'.repeat(1) + '// line\n'.repeat(250), []],
];

for (const [filePath, code, expected] of cases) {
  test(`${filePath}: ${code.slice(0, 90).replaceAll('\n', ' ')}`, async () => {
    assert.deepEqual(await rulesBroken(filePath, code), expected);
  });
}

test('OCI keys in the addon: whole string literals only', () => {
  const keys = propertyNames({ properties: { maskedPaths: { properties: { rootfsPropagation: {} } } } });
  assert.deepEqual([...keys], ['maskedPaths', 'rootfsPropagation']);
  const source =
    'asm("" ::: "maskedPaths");// "maskedPaths"\n#include "maskedPaths"\nf("a maskedPaths b", \'"\', "x\\"", "rootfsPropagation");';
  assert.deepEqual(keysIn(source, keys), [{ value: 'rootfsPropagation', line: 3 }]);
});
