/** An error as the addon throws it. */
function systemError(code: string, errno: number): Error {
  return Object.assign(new Error(code), { code, errno, syscall: 'open' });
}

const missing = (): Error => systemError('ENOENT', 2);
const create = 0o100;

/** A file system of texts in memory: enough for the commands to go their way. */
export class Files {
  readonly #texts: Map<string, string>;
  readonly #descriptors: string[] = ['stdin', 'stdout', 'stderr'];

  constructor(texts: Readonly<Record<string, string>>) {
    this.#texts = new Map(Object.entries(texts));
    for (const directory of ['/bundle', '/bundle/rootfs', '/run', '/run/r', '/sys/fs/cgroup', '/proc/kcore'])
      this.#texts.set(directory, '');
  }

  /** What was written to standard error. */
  get errors(): string {
    return this.#texts.get('stderr') ?? '';
  }

  descriptor(path: string): number {
    return this.#descriptors.push(path) - 1;
  }

  path(dir: number, path: string): string {
    if (path.startsWith('/')) return path;
    const directory = this.#descriptors[dir] ?? '';
    return path === '' ? directory : `${directory}/${path}`;
  }

  has(path: string): boolean {
    return this.#texts.has(path);
  }

  open(path: string, flags: number): number {
    if (flags & create) this.#texts.set(path, '');
    if (!this.has(path) && !path.startsWith('/sys/fs/cgroup/')) throw missing();
    return this.descriptor(path);
  }

  read(fd: number): string {
    return this.#texts.get(this.#descriptors[fd] ?? '') ?? '';
  }

  write(fd: number, data: string | Uint8Array): void {
    const path = this.#descriptors[fd] ?? '';
    if (typeof data === 'string') this.#texts.set(path, (this.#texts.get(path) ?? '') + data);
  }

  make(path: string): void {
    if (this.has(path)) throw systemError('EEXIST', 17);
    this.#texts.set(path, '');
  }

  link(content: string, path: string): void {
    this.make(path);
    this.#texts.set(path, content);
  }

  readLink(path: string): string {
    const content = this.#texts.get(path);
    if (content === undefined) throw missing();
    return content;
  }

  remove(path: string): void {
    if (!this.#texts.delete(path)) throw missing();
  }

  rename(from: string, to: string): void {
    this.link(this.readLink(from), `${to}.new`);
    this.#texts.delete(`${to}.new`);
    this.#texts.set(to, this.readLink(from));
    this.#texts.delete(from);
  }

  list(directory: string): string[] {
    const begin = `${directory}/`;
    return [...this.#texts.keys()].filter((path) => path.startsWith(begin)).map((path) => path.slice(begin.length));
  }
}
