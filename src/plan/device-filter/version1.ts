/**
 * For tests: what the device controller of cgroup v1 answers, written after security/device_cgroup.c and knowing nothing
 * of our compiler. Exceptions are one list, gone through for every question.
 */
import type { DeviceRule } from '../../spec/types.ts';
import type { Wanted } from './simulator.ts';

interface Exception {
  type: number;
  major: number;
  minor: number;
  access: number;
}

const every = 0xffffffff;

const accessOf = (text: string): number =>
  (text.includes('m') ? 1 : 0) + (text.includes('r') ? 2 : 0) + (text.includes('w') ? 4 : 0);

const numberOf = (number: number | undefined): number => (number === undefined || number === -1 ? every : number);

/** A cgroup of version 1 that rules are written to, one after the other. */
export class DeviceCgroup {
  #allows = false;
  #list: Exception[] = [];
  /** Whether a rule had no effect because a wider exception stays; runc refuses such a list. */
  hole = false;

  write({ allow, type = 'a', major, minor, access = '' }: DeviceRule): void {
    if (type === 'a') {
      this.#list = [];
      this.#allows = allow;
      return;
    }
    const exception = {
      type: type === 'b' ? 1 : 2,
      major: numberOf(major),
      minor: numberOf(minor),
      access: accessOf(access),
    };
    if (allow === this.#allows) this.#remove(exception);
    else this.#add(exception);
  }

  /** dev_exception_add */
  #add(exception: Exception): void {
    for (const walk of this.#list) {
      if (walk.type !== exception.type || walk.major !== exception.major || walk.minor !== exception.minor) continue;
      walk.access |= exception.access;
      return;
    }
    this.#list.push(exception);
  }

  /** dev_exception_rm */
  #remove(exception: Exception): void {
    for (const walk of this.#list) {
      const same = walk.major === exception.major && walk.minor === exception.minor;
      if (walk.type !== exception.type) continue;
      const around =
        (walk.major === every || walk.major === exception.major) &&
        (walk.minor === every || walk.minor === exception.minor);
      if (!same && around && (walk.access & exception.access) !== 0) this.hole = true;
      if (same) walk.access &= ~exception.access;
    }
    this.#list = this.#list.filter(({ access }) => access !== 0);
  }

  /** devcgroup_legacy_check_permission */
  permits(wanted: Wanted): boolean {
    const fits = this.#list.filter(
      ({ type, major, minor }) =>
        type === wanted.type &&
        (major === every || major === wanted.major) &&
        (minor === every || minor === wanted.minor),
    );
    if (this.#allows) return !fits.some(({ access }) => (wanted.access & access) !== 0);
    return fits.some(({ access }) => (wanted.access & ~access) === 0);
  }
}

/** The rules that runc writes behind those of the document. */
export const behind: readonly DeviceRule[] =
  'c *:* m|b *:* m|c 1:3 rwm|c 1:5 rwm|c 1:7 rwm|c 1:8 rwm|c 1:9 rwm|c 5:0 rwm|c 5:2 rwm|c 136:* rwm|c 10:200 rwm'
    .split('|')
    .map((text) => {
      const [, type = '', major, minor, access = ''] = /(.) (.+):(.+) (.+)/.exec(text) ?? [];
      const number = (word = ''): number => (word === '*' ? -1 : Number(word));
      return { allow: true, type, major: number(major), minor: number(minor), access };
    });
