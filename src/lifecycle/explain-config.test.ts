import { existsSync, readFileSync, readdirSync } from 'node:fs';
import fc from 'fast-check';
import t from 'tap';
import { defaultSpec } from '../spec/default.ts';
import type { PlacedFinding } from '../spec/findings.ts';
import { judgeConfig } from './explain-config.ts';

/**
 * A document as it is to be written: with names that stand twice, texts that JSON.stringify would not write, and one
 * place that is marked. The writer counts where that is; nothing of src/spec has a part in it.
 */
type Tree =
  | { readonly kind: 'object'; readonly members: Member[]; marked?: boolean }
  | { readonly kind: 'array'; readonly items: Tree[]; marked?: boolean }
  | { readonly kind: 'text'; text: string; marked?: boolean };

interface Member {
  name: string;
  value: Tree;
  keyIsMarked?: boolean;
}

function treeOf(value: unknown): Tree {
  if (Array.isArray(value)) return { kind: 'array', items: value.map(treeOf) };
  if (typeof value !== 'object' || value === null) return { kind: 'text', text: JSON.stringify(value) };
  return { kind: 'object', members: Object.entries(value).map(([name, member]) => ({ name, value: treeOf(member) })) };
}

/** How a document looks: ends of lines, what a level is indented by, what stands after a colon. */
interface Look {
  readonly newline: string;
  readonly indent: string;
  readonly colon: string;
}

/** The text of a tree, and the offset of what is marked in it. */
function written(tree: Tree, look: Look): { readonly text: string; readonly mark: number } {
  let text = '';
  let mark = -1;
  const list = (open: string, close: string, level: string, writers: readonly (() => void)[]): void => {
    text += open;
    for (const [index, write] of writers.entries()) {
      text += `${index > 0 ? ',' : ''}${look.newline}${level}${look.indent}`;
      write();
    }
    text += `${look.newline}${level}${close}`;
  };
  const write = (node: Tree, level: string): void => {
    if (node.marked) mark = text.length;
    const deeper = level + look.indent;
    if (node.kind === 'text') text += node.text;
    else if (node.kind === 'array')
      list(
        '[',
        ']',
        level,
        node.items.map((item) => () => write(item, deeper)),
      );
    else
      list(
        '{',
        '}',
        level,
        node.members.map(({ name, value, keyIsMarked }) => () => {
          if (keyIsMarked) mark = text.length;
          text += `${JSON.stringify(name)}${look.colon}`;
          write(value, deeper);
        }),
      );
  };
  write(tree, '');
  return { text: `${text}\n`, mark };
}

/** Lines and columns counted the plain way. */
function placeOf(text: string, offset: number): { line: number; column: number } {
  let [line, column] = [1, 1];
  for (const unit of text.slice(0, offset).split(''))
    if (unit === '\n') [line, column] = [line + 1, 1];
    else column += 1;
  return { line, column };
}

/** A value in a tree: its pointer and what holds it. */
interface Spot {
  readonly pointer: string;
  readonly node: Tree;
  readonly parent?: Tree;
  readonly name: string;
}

const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

function spotsOf(node: Tree, pointer = '', parent?: Tree, name = ''): Spot[] {
  const own: Spot = { pointer, node, name, ...(parent ? { parent } : {}) };
  const inside = (member: string, value: Tree): Spot[] => spotsOf(value, `${pointer}/${escaped(member)}`, node, member);
  if (node.kind === 'array') return [own, ...node.items.flatMap((item, index) => inside(String(index), item))];
  if (node.kind === 'object') return [own, ...node.members.flatMap((each) => inside(each.name, each.value))];
  return [own];
}

/** What is expected of a planted fault. */
interface Planted {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly pointer: string;
  readonly says?: RegExp;
  readonly rule?: string;
  readonly hint?: string;
  readonly found?: string;
}

type Pick = <Item>(items: readonly Item[]) => Item | undefined;

/** Plants a fault in the tree, marks its place, and says what must be reported; undefined where it cannot be done. */
type Plant = (tree: Tree, pick: Pick) => Planted | undefined;

const root = new URL('../../', import.meta.url);
const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, root), 'utf8'));

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly $defs?: Readonly<Record<string, Schema>>;
}

const schema = read('spec-schemas/config.json') as Schema;

/** What the schema says of a place, read from the file and not by src/spec. */
function schemaOf(pointer: string): Schema | undefined {
  let node: Schema | undefined = schema;
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const at: Schema | undefined = node?.$ref ? schema.$defs?.[node.$ref.slice(8)] : node;
    node = at?.items ?? (Object.hasOwn(at?.properties ?? {}, name) ? at?.properties?.[name] : at?.additionalProperties);
  }
  return node?.$ref ? schema.$defs?.[node.$ref.slice(8)] : node;
}

const text = (value: string): Tree => ({ kind: 'text', text: value, marked: true });

/** Put a marked value in the place of another. */
function replace({ parent, name }: Spot, value: Tree): void {
  value.marked = true;
  if (parent?.kind === 'array') parent.items[Number(name)] = value;
  else if (parent?.kind === 'object')
    for (const member of parent.members) if (member.name === name) member.value = value;
}

const inside = (tree: Tree, wanted: (spot: Spot) => boolean): Spot[] =>
  spotsOf(tree).filter((spot) => spot.pointer !== '' && wanted(spot));

const typed = (tree: Tree, type: string): Spot[] => inside(tree, ({ pointer }) => schemaOf(pointer)?.type === type);

const isWord = (node: Tree): boolean => node.kind === 'text' && node.text.startsWith('"');

/** Values that are of no such type. */
const wrong: Readonly<Record<string, readonly string[]>> = {
  string: ['7', 'null', 'true', '[]', '{}', '1.5', '["x"]'],
  integer: ['"7"', 'null', 'false', '[]', '1.5', '{"a": 1}'],
  boolean: ['"true"', 'null', '1', '[]'],
  array: ['"x"', 'null', '{}', '3'],
  object: ['"x"', 'null', '[]', '[1]', '4'],
};

const wrongType: Plant = (tree, pick) => {
  const spot = pick(inside(tree, ({ pointer }) => schemaOf(pointer)?.type !== undefined));
  const value = spot && pick(wrong[schemaOf(spot.pointer)?.type ?? ''] ?? []);
  if (!spot || value === undefined) return undefined;
  replace(spot, text(value));
  return { code: 'E_CONFIG_SCHEMA', severity: 'error', pointer: spot.pointer, says: /^must be an? / };
};

/** A word with one letter more. */
const misspelt = (word: string): string => `${word.slice(0, 2)}q${word.slice(2)}`;

const badWord: Plant = (tree, pick) => {
  const spot = pick(inside(tree, ({ pointer }) => schemaOf(pointer)?.enum !== undefined));
  if (spot?.node.kind !== 'text') return undefined;
  const word = JSON.parse(spot.node.text) as string;
  replace(spot, text(JSON.stringify(misspelt(word))));
  const hint = `did you mean "${word}"?`;
  return { code: 'E_CONFIG_SCHEMA', severity: 'error', pointer: spot.pointer, says: /^must be one of /, hint };
};

const badPattern: Plant = (tree, pick) => {
  const spot = pick(inside(tree, ({ pointer }) => /^\/process\/rlimits\/\d+\/type$/.test(pointer)));
  if (spot?.node.kind !== 'text') return undefined;
  const type = JSON.parse(spot.node.text) as string;
  replace(spot, text(JSON.stringify(type.replace('RLIMIT_', ''))));
  const hint = `did you mean "${type}"?`;
  return { code: 'E_CONFIG_SCHEMA', severity: 'error', pointer: spot.pointer, says: /^must match /, hint };
};

const missing: Plant = (tree, pick) => {
  const spot = pick(
    spotsOf(tree).filter(({ node, pointer }) => node.kind === 'object' && schemaOf(pointer)?.required !== undefined),
  );
  const name = spot && pick(schemaOf(spot.pointer)?.required ?? []);
  if (spot?.node.kind !== 'object' || name === undefined) return undefined;
  const at = spot.node.members.findIndex((member) => member.name === name);
  if (at < 0) return undefined;
  spot.node.members.splice(at, 1);
  spot.node.marked = true;
  return { code: 'E_CONFIG_SCHEMA', severity: 'error', pointer: `${spot.pointer}/${name}`, says: /^is missing/ };
};

/** One more, or less, than the type holds; in digits, as numbers of that size are the same as their neighbours. */
const beyond: Readonly<Record<string, readonly string[]>> = {
  '4294967295': ['4294967296', '-1', '18446744073709551615'],
  '2147483647': ['2147483648', '-2147483649'],
  [String(2 ** 63)]: ['9223372036854775808', '-9223372036854775809'],
  [String(2 ** 64)]: ['18446744073709551616', '-1', '100000000000000000000'],
};

const outOfRange: Plant = (tree, pick) => {
  const spot = pick(typed(tree, 'integer'));
  const digits = spot && pick(beyond[String(schemaOf(spot.pointer)?.maximum)] ?? []);
  if (!spot || digits === undefined) return undefined;
  replace(spot, text(digits));
  const says = /^must be at (?:least|most) -?\d+, not -?\d+$/;
  return { code: 'E_CONFIG_SCHEMA', severity: 'error', pointer: spot.pointer, says, found: digits };
};

const twice: Plant = (tree, pick) => {
  const spot = pick(spotsOf(tree).filter(({ node }) => node.kind === 'object' && node.members.length > 0));
  if (spot?.node.kind !== 'object') return undefined;
  const member = pick(spot.node.members);
  if (!member) return undefined;
  spot.node.members.push({ ...member, keyIsMarked: true });
  const pointer = `${spot.pointer}/${escaped(member.name)}`;
  return { code: 'E_CONFIG_DUPLICATE_KEY', severity: 'warning', pointer, says: /stands here again/ };
};

const closed = (tree: Tree): Spot[] =>
  spotsOf(tree).filter(({ node, pointer }) => {
    const { properties, additionalProperties } = schemaOf(pointer) ?? {};
    return node.kind === 'object' && properties !== undefined && additionalProperties === undefined;
  });

/** A property that the specification does not know: made up, or one that the object could have, misspelt. */
const unknown: Plant = (tree, pick) => {
  const spot = pick(closed(tree));
  if (spot?.node.kind !== 'object') return undefined;
  const { members } = spot.node;
  const names = Object.keys(schemaOf(spot.pointer)?.properties ?? {});
  const meant = pick(names.filter((name) => name.length > 5 && !members.some((member) => member.name === name)));
  const name = meant === undefined ? 'org.example/~strange' : misspelt(meant);
  const value = treeOf(pick([1, 'x', null, { cwd: 'x' }, [{ type: 1 }]]));
  members.splice(pick([0, 1, members.length]) ?? 0, 0, { name, value, keyIsMarked: true });
  const pointer = `${spot.pointer}/${escaped(name)}`;
  const hint = meant === undefined ? {} : { hint: `did you mean "${meant}"?` };
  return { code: 'E_CONFIG_UNKNOWN_KEY', severity: 'warning', pointer, says: /knows no property/, ...hint };
};

/** A string with what no text has, of those that nothing else is asked of. */
const badText: Plant = (tree, pick) => {
  const free = /^\/(?:annotations\/.*|process\/args\/\d+|process\/env\/\d+|linux\/cgroupsPath)$/;
  const spot = pick(inside(tree, ({ pointer, node }) => free.test(pointer) && isWord(node)));
  if (spot?.node.kind !== 'text') return undefined;
  const [escape, rule] = pick([
    ['\\u0000', 'stringsHaveNoNul'],
    ['\\ud83d', 'stringsAreUnicode'],
    ['\\uDE00', 'stringsAreUnicode'],
  ] as const) ?? ['', ''];
  replace(spot, text(`${spot.node.text.slice(0, -1)}${escape}"`));
  return { code: 'E_CONFIG_RULE', severity: 'error', pointer: spot.pointer, rule };
};

/** Rules that one value breaks: the place, what is written there, the name of the rule. */
const rules: readonly (readonly [place: RegExp, value: string, rule: string])[] = [
  [/^\/process\/cwd$/, '"tmp"', 'cwdIsAbsolute'],
  [/^\/process\/env\/\d+$/, '"NOVALUE"', 'environmentIsNamed'],
  [/^\/process\/args$/, '[]', 'argsNameAProgram'],
  [/^\/process\/rlimits\/\d+\/type$/, '"RLIMIT_FILES"', 'rlimitsAreSound'],
  [/^\/process\/oomScoreAdj$/, '1001', 'oomScoreAdjIsInRange'],
  [/^\/linux\/maskedPaths\/\d+$/, '"proc/kcore"', 'hiddenPathsAreAbsolute'],
  [/^\/linux\/readonlyPaths\/\d+$/, '"proc/sys"', 'hiddenPathsAreAbsolute'],
  [/^\/linux\/namespaces\/\d+$/, '{"type": "uts", "path": "ns/uts"}', 'namespacePathsAreAbsolute'],
];

const brokenRule: Plant = (tree, pick) => {
  const rule = pick(rules);
  const spot = rule && pick(inside(tree, ({ pointer }) => rule[0].test(pointer)));
  if (!rule || !spot) return undefined;
  if (rule[1].startsWith('{')) return plantedPath(spot);
  replace(spot, text(rule[1]));
  return { code: 'E_CONFIG_RULE', severity: 'error', pointer: spot.pointer, rule: rule[2] };
};

/** A namespace to join, by a path that is not absolute. */
function plantedPath({ node, pointer }: Spot): Planted | undefined {
  if (node.kind !== 'object' || node.members.some(({ name }) => name === 'path')) return undefined;
  // A mount namespace that is joined breaks more rules than this one.
  if (node.members.some(({ value }) => value.kind === 'text' && /mount|pid|uts/.test(value.text))) return undefined;
  node.members.push({ name: 'path', value: text('"ns/x"') });
  return { code: 'E_CONFIG_RULE', severity: 'error', pointer: `${pointer}/path`, rule: 'namespacePathsAreAbsolute' };
}

const notJson: Plant = (tree, pick) => {
  const spot = pick(inside(tree, () => true));
  if (!spot) return undefined;
  replace(spot, text(pick(['@', 'nul', "'x'", ',', '"\\q"', '// x', '"a\tb"']) ?? ''));
  return { code: 'E_CONFIG_JSON', severity: 'error', pointer: '', says: /^not JSON: / };
};

const plants = { wrongType, badWord, badPattern, missing, outOfRange, twice, unknown, badText, brokenRule, notJson };

const good: readonly unknown[] = [
  defaultSpec({ rootless: false, cgroup2: true, euid: 0, egid: 0 }),
  defaultSpec({ rootless: true, cgroup2: true, euid: 1000, egid: 1000 }),
  ...readdirSync(new URL('bench/configs', root))
    .filter((name) => name.endsWith('.json'))
    .map((name) => read(`bench/configs/${name}`)),
];

const findingsIn = (config: string): PlacedFinding[] => {
  const { inOrder, complete } = judgeConfig(config);
  return inOrder().map(complete);
};

const identity = ({ code, message, details }: PlacedFinding): string =>
  JSON.stringify([code, details.pointer, message]);

/** What a text has against it that the same text without its fault had not. */
function newIn(config: string, before: ReadonlySet<string>): PlacedFinding[] {
  return findingsIn(config).filter((finding) => !before.has(identity(finding)));
}

/** In what the findings are not the planted one alone. */
function differenceOf(found: readonly PlacedFinding[], planted: Planted, place: object): string | undefined {
  const [first, ...more] = found;
  if (!first || more.length > 0) return `${found.length} findings`;
  const { says = /./, code, severity, ...details } = planted;
  const rows = { code, severity, place, ...details };
  const seen = { ...first, ...first.details };
  for (const [name, expected] of Object.entries(rows))
    if (JSON.stringify(seen[name as keyof typeof seen]) !== JSON.stringify(expected))
      return `${name} is not ${JSON.stringify(expected)}`;
  return says.test(first.message) ? undefined : `the message is not ${says}`;
}

const full = process.env['OCIRUN_TEST_FULL'] === '1';
const seed = Number(process.env['OCIRUN_TEST_SEED'] ?? Date.now() % 1_000_000);

const looks = fc.record({
  newline: fc.constantFrom('\n', '\r\n', '', ' ', '\n\n'),
  indent: fc.constantFrom('', '  ', '\t', '    '),
  colon: fc.constantFrom(':', ': ', ' : ', ':\n'),
});

t.test('a fault that is planted in a good document is found, in its place, and nothing else', async (t) => {
  const runs = full ? 500 : 25;
  t.comment(`${runs} faults, OCIRUN_TEST_SEED=${seed}`);
  const told = new Map<string, number>();
  const kinds = Object.keys(plants) as (keyof typeof plants)[];
  fc.assert(
    fc.property(
      fc.nat(),
      fc.nat(),
      fc.nat(),
      fc.infiniteStream(fc.nat()),
      looks,
      (kind, which, emoji, choices, look) => {
        const document = good[which % good.length] as object;
        const tree = treeOf({ annotations: { '😀/é': '😀'.repeat(emoji % 3) }, ...document });
        const before = new Set(findingsIn(written(tree, look).text).map(identity));
        const pick: Pick = (items) => items[(choices.next().value as number) % items.length];
        const name = kinds[kind % kinds.length] ?? 'wrongType';
        const planted = plants[name](tree, pick);
        fc.pre(planted !== undefined);
        const { text: config, mark } = written(tree, look);
        const found = newIn(config, before);
        const problem = differenceOf(found, planted, placeOf(config, mark));
        if (problem !== undefined) throw new Error(`${name}: ${problem}: ${JSON.stringify(found, null, 2)}\n${config}`);
        told.set(name, (told.get(name) ?? 0) + 1);
      },
    ),
    { numRuns: runs, seed },
  );
  t.equal(
    [...told.values()].reduce((sum, count) => sum + count, 0),
    runs,
  );
  t.comment([...told].map(([name, count]) => `${name}: ${count}`).join(', '));
});

const bad = new URL('../shared/runtime-spec/schema/test/config/bad/', root);

const skip = existsSync(bad) ? false : 'there is no ../shared/runtime-spec beside the checkout';

/** Where upstream's bad documents are wrong. */
const upstream: Readonly<Record<string, readonly string[]>> = {
  'freebsd-vnet-disable.json': ['/freebsd/jail/vnet'],
  'invalid-json.json': [''],
  'linux-hugepage.json': ['/linux/resources/hugepageLimits/0/pageSize'],
  'linux-netdevice.json': ['/linux/netDevices/eth0/name'],
  'linux-rdma.json': ['/linux/resources/rdma/mlx5_1/hcaHandles'],
};

t.test('the bad documents of the specification are refused where they are wrong', { skip }, async (t) => {
  t.same(readdirSync(bad).sort(), Object.keys(upstream));
  for (const [name, pointers] of Object.entries(upstream)) {
    const found = findingsIn(readFileSync(new URL(name, bad), 'utf8'));
    const schema = found.filter(({ code }) => code === 'E_CONFIG_SCHEMA' || code === 'E_CONFIG_JSON');
    t.same(
      schema.map(({ details }) => details.pointer),
      pointers,
      name,
    );
  }
});

const described = (config: string): string[] =>
  findingsIn(config).map(
    ({ place, severity, details: { pointer, hint } }) => `${place.line}:${place.column} ${severity} ${pointer} ${hint}`,
  );

t.test('what was probably meant is told', async (t) => {
  const rest = '"ociVersion": "1.3.0", "root": {"path": "r"}';
  const process = (more: string): string => `{${rest}, "process": {"cwd": "/", "args": ["x"], ${more}}}`;
  t.same(described(process('"capabilities": {"bounding": ["SYS_ADMIN"]}')), [
    '1:117 warning /process/capabilities/bounding/0 did you mean "CAP_SYS_ADMIN"?',
  ]);
  t.same(described(process('"no_new_privileges": true')), [
    '1:87 warning /process/no_new_privileges did you mean "noNewPrivileges"?',
  ]);
  t.same(described(process('"maskedPaths": []')), [
    '1:87 warning /process/maskedPaths it belongs to /linux/maskedPaths',
  ]);
});

/** A document in which much depends on what its parts say. */
const connected = {
  ociVersion: '1.3.0',
  hostname: 'box',
  root: { path: 'rootfs' },
  process: {
    cwd: '/',
    args: ['x'],
    user: { uid: 1000, gid: 1000 },
    rlimits: [{ type: 'RLIMIT_AS', soft: 5, hard: 6 }],
  },
  mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
  linux: {
    namespaces: [{ type: 'mount' }, { type: 'uts' }, { type: 'user' }, { type: 'ipc' }],
    uidMappings: [{ containerID: 0, hostID: 5, size: 2000 }],
    gidMappings: [{ containerID: 0, hostID: 5, size: 2000 }],
    sysctl: { 'kernel.shmmax': '1' },
    maskedPaths: ['/proc/kcore'],
  },
};

/** What is put in the place of a part of it. */
const ill: readonly (readonly [pointer: string, value: unknown])[] = [
  ['/linux', 5],
  ['/linux/namespaces', {}],
  ['/linux/namespaces/0', 'mount'],
  ['/linux/namespaces/0/type', 'mnt'],
  ['/linux/namespaces/1/type', 5],
  ['/linux/namespaces/2', null],
  ['/linux/namespaces/3/type', 'IPC'],
  ['/linux/uidMappings', 'all'],
  ['/linux/uidMappings/0', 7],
  ['/linux/uidMappings/0/size', '2000'],
  ['/linux/uidMappings/0/containerID', -1],
  ['/linux/gidMappings/0/size', -1],
  ['/process', 'sh'],
  ['/process/user', 'root'],
  ['/process/user/uid', 'root'],
  ['/process/rlimits/0/hard', '6'],
  ['/process/rlimits/0/type', 'AS'],
  ['/root', '/'],
  ['/mounts', {}],
  ['/mounts/0/type', 5],
];

t.test('a rule says nothing that depends on what does not fit the schema', async (t) => {
  t.same(described(JSON.stringify(connected)), []);
  for (const [pointer, value] of ill) {
    const tree = treeOf(connected);
    const spot = spotsOf(tree).find((each) => each.pointer === pointer);
    if (spot) replace(spot, treeOf(value));
    const found = findingsIn(written(tree, { newline: '\n', indent: ' ', colon: ': ' }).text);
    t.same(
      found.map(({ code, details }) => `${code} ${details.pointer}`),
      [`E_CONFIG_SCHEMA ${pointer}`],
    );
  }
});

t.test('a rule says what is wrong whatever stands elsewhere', async (t) => {
  const document = { ...connected, root: 5, hostname: 7, process: { ...connected.process, cwd: 'x', args: 3 } };
  const found = findingsIn(JSON.stringify(document)).map(({ code, details }) => `${code} ${details.pointer}`);
  t.same(found.sort(), [
    'E_CONFIG_RULE /process/cwd',
    'E_CONFIG_SCHEMA /hostname',
    'E_CONFIG_SCHEMA /process/args',
    'E_CONFIG_SCHEMA /root',
  ]);
});

t.test('what was meant by an unknown property is found out where it is told, for there may be a million', async (t) => {
  const good = defaultSpec({ rootless: false, cgroup2: true, euid: 0, egid: 0 });
  const spec = Object.fromEntries(Object.entries(good).filter(([name]) => name !== 'hostname'));
  const { found, complete } = judgeConfig(JSON.stringify({ ...spec, hostnam: 'x' }));
  const [unknown] = found.filter(({ code }) => code === 'E_CONFIG_UNKNOWN_KEY');
  if (!unknown) return t.fail('it is not found');
  t.same(unknown.details, { pointer: '/hostnam' });
  t.match(complete(unknown).details, { found: '"hostnam"', expected: /"hostname"/, hint: 'did you mean "hostname"?' });
});
