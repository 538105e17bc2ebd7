#!/usr/bin/env node
/**
 * The addon and init know nothing of OCI: no string literal in addon/ is a property name of the schemas
 * (design, section 3). Prints each one that is, and exits 1.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Words of the kernel that happen to be keys too, by the file that uses them as such. */
const kernelWords = new Map([
  // Names of functions (capget, umask) and of arguments (exit's status, the id of a clock).
  ['addon/binding.cc', ['status', 'id', 'capabilities', 'umask', 'mask', 'pid']],
  // The set that PR_CAP_AMBIENT is about, in a message.
  ['addon/init/credentials.cc', ['ambient']],
  // fsconfig(2): every filesystem's source, tmpfs's mode.
  ['addon/init/filesystem.cc', ['source']],
  // And the system call that told of a failure: mount(2).
  ['addon/init/mountold.cc', ['mode', 'mount']],
  ['addon/init/protect.cc', ['source', 'mode']],
]);

/** Every property name in a schema, at any depth; the empty one is how a schema forbids it. */
export function propertyNames(schema, names = new Set()) {
  if (typeof schema !== 'object' || schema === null) return names;
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties' && !Array.isArray(value)) for (const name of Object.keys(value)) if (name) names.add(name);
    propertyNames(value, names);
  }
  return names;
}

/** The string literals of a C++ source with their lines; comments, includes and asm statements are passed over. */
export function literals(text) {
  const tokens =
    /\basm\b[^;]*;|\/\/[^\n]*|\/\*[\s\S]*?\*\/|^[ \t]*#[ \t]*include[^\n]*|'(?:\\.|[^'\\\n])+'|"((?:\\.|[^"\\\n])*)"/gm;
  return [...text.matchAll(tokens)]
    .filter((match) => match[1] !== undefined)
    .map((match) => ({ value: match[1], line: text.slice(0, match.index).split('\n').length }));
}

/** What in a source is a key of the schemas. */
export const keysIn = (text, keys) => literals(text).filter(({ value }) => keys.has(value));

function filesBelow(folder, pattern) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
}

function main() {
  const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
  const schemas = filesBelow(path.join(root, 'spec-schemas'), /\.json$/);
  const keys = new Set(schemas.flatMap((file) => [...propertyNames(JSON.parse(readFileSync(file, 'utf8')))]));
  if (keys.size === 0) throw new Error('tools/check-addon-keys.mjs: no schema in spec-schemas/');
  for (const file of filesBelow(path.join(root, 'addon'), /\.(c|cc|h|cjs)$/)) {
    const name = path.relative(root, file);
    for (const { value, line } of keysIn(readFileSync(file, 'utf8'), keys)) {
      if (kernelWords.get(name)?.includes(value)) continue;
      console.error(`${name}:${line}: "${value}" is an OCI key: TypeScript knows them, the addon must not`);
      process.exitCode = 1;
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
