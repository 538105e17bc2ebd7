import { copyFileSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { conformance } from './lib/conformance.ts';
import { probing } from './lib/config.ts';
import { isStandalone } from './lib/runtime.ts';

const scope = { only: 'ocirun', unless: isStandalone ? false : 'it is about the static binary' } as const;

/** Types of the program headers of a 64-bit ELF file, elf(5). */
const programHeaders = (file: Buffer): number[] => {
  const [start, size, count] = [Number(file.readBigUInt64LE(32)), file.readUInt16LE(54), file.readUInt16LE(56)];
  return Array.from({ length: count }, (_, index) => file.readUInt32LE(start + index * size));
};

const interpreter = 3;
const dynamic = 2;

conformance(
  'the binary is a static ELF of at most 3 MB',
  (t, box) => {
    const file = readFileSync(box.runtime);
    t.equal(file.toString('latin1', 1, 4), 'ELF');
    t.ok(file.length <= 3_000_000, `${file.length} bytes`);
    t.notOk(programHeaders(file).includes(interpreter), 'no interpreter');
    t.comment(`bin/ocirun: ${file.length} bytes, dynamic section: ${programHeaders(file).includes(dynamic)}`);
  },
  scope,
);

conformance(
  'the binary alone, elsewhere, with an empty environment, runs a bundle',
  (t, box) => {
    mkdirSync(box.path('elsewhere'));
    const copy = box.path('elsewhere/renamed');
    copyFileSync(box.runtime, copy);
    const bundle = box.bundle(probing('write', 'hello'));
    const through = [copy, '--root', box.root, 'run', '--bundle', bundle, box.id()];
    const result = box.plain([], { through, env: {}, cwd: '/', alone: true });
    t.equal(result.status, 0, result.stderr);
    t.equal(result.stdout, 'hello');
  },
  scope,
);

conformance(
  'the init program has at most 200 kB',
  (t, box) => {
    box.must(['create', '--bundle', box.bundle(), box.id()]);
    const { size } = statSync(`/proc/${Number(box.state()?.['pid'])}/exe`);
    t.ok(size <= 200_000, `${size} bytes`);
  },
  { only: 'ocirun' },
);
