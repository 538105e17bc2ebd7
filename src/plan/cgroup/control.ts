import type { Resources } from '../../spec/types.ts';

/** A value for a control file of a cgroup. What only the machine can tell is data here, and the writer's to decide. */
export interface Control {
  /** The part of the document that asks for it. */
  readonly pointer: string;
  /** What the file belongs to (cgroup-v2.rst, "Controllers"); `cgroup` for what every cgroup has. */
  readonly controller: string;
  /** Its name in the cgroup's directory. */
  readonly file: string;
  readonly value: string;
  /** What is wrong with a machine that does not have the file, where there is more to say than that. */
  readonly lacking?: string;
  /** A machine that does not have the file is none the worse. */
  readonly optional?: boolean;
  /** What is written where the file is not there. */
  readonly instead?: { readonly file: string; readonly value: string };
  /** It depends on another value: where the kernel says EINVAL, it is written once more when all others have been. */
  readonly again?: boolean;
  /** It counts processes, and one of ours makes the next: written once the container has only its first. */
  readonly late?: boolean;
  /** Limits that have to be above what is in use by now (`checkBeforeUpdate`), by what they are called. */
  readonly aboveUsage?: readonly { readonly what: string; readonly limit: bigint }[];
}

/** The document that controls are made from. */
export class Source {
  readonly resources: Resources;
  readonly #exact: ReadonlyMap<string, bigint>;
  readonly #root: string;

  constructor(resources: Resources, exact: ReadonlyMap<string, bigint>, root: string) {
    this.resources = resources;
    this.#exact = exact;
    this.#root = root;
  }

  /** The JSON pointer (RFC 6901) of a part of `resources`. */
  pointer(...names: readonly (string | number)[]): string {
    const escaped = names.map((name) => `${name}`.replaceAll('~', '~0').replaceAll('/', '~1'));
    return [this.#root, ...escaped].join('/');
  }

  /** The integer that stands there, to the last digit; `value` is what JavaScript made of it. */
  integer(value: number, ...names: readonly (string | number)[]): bigint {
    return this.#exact.get(this.pointer(...names)) ?? BigInt(value);
  }
}
