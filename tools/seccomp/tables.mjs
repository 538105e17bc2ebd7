// Makes src/seccomp-bpf-compiler/tables.ts from the kernel's headers as Debian packages them:
//
//   node tools/seccomp/tables.mjs            downloads linux-libc-dev into build/seccomp and writes the file
//   node tools/seccomp/tables.mjs --check    … and only says whether the file is what they make; if the headers are
//                                            newer by now, whether they still have all that is in the file
//
// The newest headers count. An older suite adds what they no longer have (31-bit s390).
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const target = join(root, 'src/seccomp-bpf-compiler/tables.ts');
const suites = ['trixie-backports', 'trixie'];

/** Where the numbers of each table are, and what they are counted from. */
const tables = {
  x86: { header: 'x86/asm/unistd_32.h' },
  x86_64: { header: 'x86/asm/unistd_64.h' },
  x32: { header: 'x86/asm/unistd_x32.h', base: 0x40000000 },
  // Since EABI the numbers begin at 0; the private calls of the architecture are in asm/unistd.h.
  arm: { header: 'arm/asm/unistd-eabi.h', more: 'arm/asm/unistd.h' },
  aarch64: { header: 'arm64/asm/unistd_64.h' },
  loongarch64: { header: 'loongarch/asm/unistd_64.h' },
  m68k: { header: 'm68k/asm/unistd_32.h' },
  mips: { header: 'mips/asm/unistd_o32.h', base: 4000 },
  mips64: { header: 'mips/asm/unistd_n64.h', base: 5000 },
  mips64n32: { header: 'mips/asm/unistd_n32.h', base: 6000 },
  ppc: { header: 'powerpc/asm/unistd_32.h' },
  ppc64: { header: 'powerpc/asm/unistd_64.h' },
  s390: { header: 's390/asm/unistd_32.h' },
  s390x: { header: 's390/asm/unistd_64.h' },
  sh: { header: 'sh/asm/unistd_32.h' },
  parisc: { header: 'parisc/asm/unistd_32.h' },
  parisc64: { header: 'parisc/asm/unistd_64.h' },
  riscv64: { header: 'riscv/asm/unistd_64.h' },
};

/** Symbols that headers count from. */
const symbols = (base) => ({
  __X32_SYSCALL_BIT: base,
  __NR_Linux: base,
  __NR_SYSCALL_BASE: 0,
  __ARM_NR_BASE: 0xf0000,
});

/** What a `#define` of one number is worth: a number, a symbol, or a sum of both. */
function valueOf(expression, known) {
  const terms = expression
    .replace(/[()]/g, '')
    .split('+')
    .map((term) => term.trim());
  const values = terms.map((term) => (/^(0x)?[0-9a-f]+$/i.test(term) ? Number(term) : known[term]));
  return values.includes(undefined) ? undefined : values.reduce((sum, value) => sum + value, 0);
}

/** `name -> number` of the `#define`s of a header; adds what they are called to `known`. */
function numbersIn(text, base, known) {
  const found = new Map();
  for (const [, symbol, name, expression] of text.matchAll(/^#define\s+(__(?:ARM_)?NR_(\w+))\s+(\S.*?)\s*$/gm)) {
    const value = valueOf(expression, known);
    if (value === undefined || symbol in symbols(base)) continue;
    known[symbol] = value;
    if (/^(OABI_SYSCALL_BASE|SYSCALL_MASK|Linux.*|.*_syscalls|syscalls|(reserved|unused)\d+)$/.test(name)) continue;
    found.set(name, value);
  }
  return found;
}

/** The headers of a suite: folder, and version of the kernel. */
function headersOf(suite) {
  const folder = join(root, 'build/seccomp', suite);
  if (!existsSync(join(folder, 'usr'))) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    execFileSync(join(root, 'tools/apt-private.sh'), [folder, `linux-libc-dev/${suite}`], { stdio: 'inherit' });
    execFileSync('dpkg-deb', ['-x', packageIn(folder), folder]);
  }
  const version = /_(\d+\.\d+(\.\d+)?)/.exec(packageIn(folder))[1];
  return { include: join(folder, 'usr/lib/linux/uapi'), version };
}

function packageIn(folder) {
  return join(
    folder,
    readdirSync(folder).find((file) => file.endsWith('.deb')),
  );
}

function tableOf({ header, more, base = 0 }, all) {
  const table = new Map();
  for (const { include } of all) {
    const known = symbols(base);
    for (const file of [header, more].filter((one) => one && existsSync(join(include, one))))
      for (const [name, number] of numbersIn(readFileSync(join(include, file), 'utf8'), base, known))
        if (!table.has(name)) table.set(name, number);
  }
  if (table.size < 200) throw new Error(`${header}: only ${table.size} system calls found`);
  return table;
}

/** Numbers below this one are written by their place in a string; ARM's private calls are far above. */
const dense = 1024;

/** One character a number: this one for none, those behind it for the first name, the second, … */
const none = 0x3400;

/** The numbers of a table, counted from its base, as text; and the pairs that have no place there, second names too. */
function encoded(names, table, base) {
  const places = [];
  const others = [];
  names.forEach((name, index) => {
    const number = (table.get(name) ?? NaN) - base;
    if (Number.isNaN(number)) return;
    if (number < 0) throw new Error(`${name}: number ${number} does not fit`);
    if (number >= dense || places[number] !== undefined) others.push([number, index + 1]);
    else places[number] = index + 1;
  });
  const text = Array.from(places, (place = 0) => String.fromCharCode(none + place)).join('');
  return { text, others };
}

function fileText() {
  const all = suites.map(headersOf);
  const made = Object.entries(tables).map(([name, source]) => [name, tableOf(source, all), source.base ?? 0]);
  const names = [...new Set(made.flatMap(([, table]) => [...table.keys()]))].sort();
  const encodings = made.map(([name, table, base]) => [name, encoded(names, table, base)]);
  const lines = encodings.map(([name, { text }]) => `  ${name}: '${text}',`);
  const further = encodings
    .filter(([, { others }]) => others.length > 0)
    .map(
      ([name, { others }]) => `  ${name}: [${others.map(([number, place]) => `[${number}, ${place}]`).join(', ')}],`,
    );
  return `// Made by tools/seccomp/tables.mjs from Debian's linux-libc-dev: do not edit.

/** The kernel whose headers the tables are from. */
export const kernelVersion = '${all[0].version}';

/** All names. */
// prettier-ignore
export const packedNames = '${names.join(' ')}';

/** One character a number, counted from the table's least: U+3400 for none, U+3401 for the first name, … */
// prettier-ignore
export const packedNumbers = {
${lines.join('\n')}
} as const;

/** What has no place there, as [number, name from 1]: ARM's own calls, and second names of numbers. */
// prettier-ignore
export const otherNumbers: { readonly [table in keyof typeof packedNumbers]?: readonly (readonly [number, number])[] } = {
${further.join('\n')}
};
`;
}

/** `table name number` of all that is in a text of the file. */
function rowsOf(text) {
  const names = /packedNames = '([^']*)'/.exec(text)[1].split(' ');
  const row = (table, number, place) => `${table} ${names[place - 1]} ${number}`;
  const dense = [...text.matchAll(/^  (\w+): '([^']*)',$/gm)].flatMap(([, table, packed]) =>
    [...packed].flatMap((each, number) =>
      each.charCodeAt(0) === none ? [] : row(table, number, each.charCodeAt(0) - none),
    ),
  );
  const others = [...text.matchAll(/^  (\w+): \[(\[.*\])\],$/gm)].flatMap(([, table, pairs]) =>
    [...pairs.matchAll(/\[(\d+), (\d+)\]/g)].map(([, number, place]) => row(table, number, Number(place))),
  );
  return [...dense, ...others];
}

/** What is wrong with the file, as far as these headers tell. */
function wrongIn(file, made) {
  const version = (text) => /kernelVersion = '([^']*)'/.exec(text)[1];
  if (version(file) === version(made)) return file === made ? [] : ['it is not what the headers make'];
  const there = new Set(rowsOf(made));
  const rows = rowsOf(file);
  if (rows.length < 5000) return [`it has only ${rows.length} numbers`];
  return rows.filter((row) => !there.has(row)).map((row) => `the headers of ${version(made)} do not have ${row}`);
}

const text = fileText();
if (process.argv.includes('--check')) {
  const wrong = wrongIn(readFileSync(target, 'utf8'), text);
  for (const each of wrong.slice(0, 20)) console.error(`${target}: ${each}: node tools/seccomp/tables.mjs`);
  if (wrong.length > 0) process.exit(1);
} else writeFileSync(target, text);
