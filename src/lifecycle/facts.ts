/** What is at a path. */
export interface File {
  readonly path: string;
  /** st_mode */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Whether the process that failed is in its group. */
  readonly member: boolean;
  /** f_flag of statvfs(3) for its mount. */
  flags?: number;
}

/** A path that was looked at, and what was found. */
export interface Look {
  /** What it is to the operation that failed: `program`, `interpreter`, `loader`, `candidate`, `directory`, or ''. */
  readonly word: string;
  readonly path: string;
  /** The symbolic links on the way, and what they say. */
  readonly links: { readonly path: string; to: string }[];
  /** Where the way ends before the path does, and the name of the error. */
  stop?: { readonly errno: string; readonly path: string };
  /** The directory in which it ends there. */
  parent?: File;
  /** What is at its end, or there in place of a directory. */
  file?: File;
  /** What the kernel says to whether it may be executed: the name of an error, or '' for yes. */
  access?: string;
  /** The error with which it could not be read. */
  read?: string;
  size?: number;
  /** The first 8 bytes, in hexadecimal. */
  begins?: string;
  /** The first line of a script, and whether the kernel reads it to its end. */
  line?: { readonly whole: boolean; readonly text: string };
  elf?: { readonly bits: number; readonly order: number; readonly type: number; readonly machine: number };
  /** Those of the file, as masks. */
  capabilities?: { readonly effective: boolean; readonly permitted: number; readonly inheritable: number };
}

/** What init tells of a failure besides errno (addon/init/facts.h): nothing in it is decided. */
export interface Facts {
  /** What the step that failed was about. */
  readonly about: string;
  readonly looks: readonly Look[];
  /** Who failed, with which capabilities (masks). */
  readonly self?: { readonly uid: number; readonly gid: number; readonly effective: number; readonly bounding: number };
  readonly kernel?: { readonly machine: number; readonly seccomp: number; readonly page: number };
  /** Soft resource limits. */
  readonly limits?: { readonly stack: number; readonly processes: number };
  /** Words that stand for themselves, each with its numbers and its text. */
  readonly others: ReadonlyMap<string, { readonly numbers: readonly number[]; readonly text: string }>;
}

/** How the reader sees bytes and errors. */
export interface Reading {
  show(bytes: Uint8Array): string;
  /** The name of an errno: `ENOENT`. */
  errnoName(errno: number): string;
}

/** How many numbers a word has before its text. */
const counts: Readonly<Record<string, number>> = {
  stop: 1,
  within: 4,
  file: 4,
  statvfs: 1,
  execute: 1,
  filecaps: 3,
  read: 1,
  begins: 2,
  line: 1,
  elf: 4,
  self: 4,
  system: 3,
  limits: 2,
  tree: 1,
  locked: 1,
  number: 2,
};

/** The facts of what init reports with a failure; a detail without any is only about something. */
export function readFacts(detail: Uint8Array, { show, errnoName }: Reading): Facts {
  const [about = new Uint8Array(0), ...parts] = split(detail);
  const reader = new Reader(errnoName);
  for (const part of parts) reader.take(show(part));
  return { about: show(about), ...reader.facts };
}

function split(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let begin = 0, end = 0; begin <= bytes.length; begin = end + 1) {
    end = bytes.indexOf(0, begin);
    if (end < 0) end = bytes.length;
    parts.push(bytes.subarray(begin, end));
  }
  return parts;
}

class Reader {
  readonly #errnoName: (errno: number) => string;
  readonly #looks: Look[] = [];
  #file: File | undefined;
  readonly #others = new Map<string, { numbers: number[]; text: string }>();
  #general: Pick<Facts, 'self' | 'kernel' | 'limits'> = {};

  constructor(errnoName: (errno: number) => string) {
    this.#errnoName = errnoName;
  }

  get facts(): Omit<Facts, 'about'> {
    return { ...this.#general, looks: this.#looks, others: this.#others };
  }

  /** "file 81a4 0 0 1 /bin/x": a word, numbers in hexadecimal, and a text that may have anything in it. */
  take(fact: string): void {
    const [word = '', ...rest] = fact.split(' ');
    const count = Object.hasOwn(counts, word) ? (counts[word] ?? 0) : 0;
    const numbers = rest.slice(0, count).map((digits) => parseInt(digits, 16));
    const text = rest.slice(count).join(' ');
    if (looked.has(word)) this.#looks.push({ word, path: text, links: [] });
    else if (Object.hasOwn(ofLook, word)) ofLook[word]?.(this.#look(), numbers, text, this.#named);
    else if (word === 'statvfs' && this.#file) this.#file.flags = numbers[0] ?? 0;
    else this.#take(word, numbers, text);
    if (word === 'begins') this.#look().begins = (rest[1] ?? '').padStart(16, '0');
    if (word === 'file') this.#file = this.#look().file;
    if (word === 'within') this.#file = this.#look().parent;
  }

  readonly #named = (errno: number): string => (errno === 0 ? '' : this.#errnoName(errno));

  #look(): Look {
    if (this.#looks.length === 0) this.#looks.push({ word: '', path: '', links: [] });
    return this.#looks[this.#looks.length - 1] as Look;
  }

  #take(word: string, numbers: number[], text: string): void {
    const [a = 0, b = 0, c = 0, d = 0] = numbers;
    if (word === 'self') this.#general = { ...this.#general, self: { uid: a, gid: b, effective: c, bounding: d } };
    else if (word === 'system') this.#general = { ...this.#general, kernel: { machine: a, seccomp: b, page: c } };
    else if (word === 'limits') this.#general = { ...this.#general, limits: { stack: a, processes: b } };
    else this.#others.set(word, { numbers, text });
  }
}

const looked = new Set(['program', 'interpreter', 'loader', 'candidate', 'directory']);

const fileOf = ([mode = 0, uid = 0, gid = 0, member = 0]: readonly number[], path: string): File => ({
  path,
  mode,
  uid,
  gid,
  member: member !== 0,
});

/** What is said of the path that was named last. */
const ofLook: Readonly<
  Record<string, (look: Look, numbers: readonly number[], text: string, named: (errno: number) => string) => void>
> = {
  link: (look, _, path) => void look.links.push({ path, to: '' }),
  to: (look, _, text) => {
    const last = look.links[look.links.length - 1];
    if (last) last.to = text;
  },
  stop: (look, [errno = 0], path, named) => void (look.stop = { errno: named(errno), path }),
  within: (look, numbers, path) => void (look.parent = fileOf(numbers, path)),
  file: (look, numbers, path) => void (look.file = fileOf(numbers, path)),
  execute: (look, [errno = 0], _, named) => void (look.access = named(errno)),
  read: (look, [errno = 0], _, named) => void (look.read = named(errno)),
  begins: (look, [size = 0]) => void (look.size = size),
  line: (look, [whole = 0], text) => void (look.line = { whole: whole !== 0, text }),
  elf: (look, [bits = 0, order = 0, type = 0, machine = 0]) => void (look.elf = { bits, order, type, machine }),
  filecaps: (look, [effective = 0, permitted = 0, inheritable = 0]) =>
    void (look.capabilities = { effective: effective !== 0, permitted, inheritable }),
};
