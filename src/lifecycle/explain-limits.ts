import type { Rule } from './explain-exec.ts';

/** MAX_ARG_STRLEN in pages. */
const pages = 32;

/** ARG_MAX, which there is for any stack, and three quarters of the usual stack, more than which is for none. */
const leastRoom = 128 << 10;
const mostRoom = 6 << 20;

/** MAX_ARG_STRLEN and the quarter of the stack, execve(2) "Limits on size of arguments and environment". */
export const tooLong: Rule = ({ facts, strings = [], args = 0 }) => {
  if (strings.length === 0) return undefined;
  const sizes = strings.map((text) => utf8Length(text) + 1);
  const most = pages * (facts.kernel?.page ?? 4096);
  const hint = 'hand large data over in a file, or on standard input';
  const index = sizes.findIndex((size) => size > most);
  const code = 'E_EXEC_ARGUMENTS';
  if (index >= 0) {
    const what = index < args ? `process.args[${index}]` : `the variable ${nameOf(strings[index] ?? '')}`;
    return { code, why: `${what} has ${sizes[index]} bytes; one string may have ${most}`, hint };
  }
  const total = sizes.reduce((sum, size) => sum + size + 8, 0);
  const stack = facts.limits?.stack ?? 0;
  const room = Math.max(Math.min(Math.floor(stack / 4), mostRoom), leastRoom);
  return {
    code,
    why: `the ${strings.length} arguments and variables have ${total} bytes with their pointers; there is room for ${room}`,
    hint: room < mostRoom ? `${hint}; the room is a quarter of RLIMIT_STACK` : hint,
  };
};

const nameOf = (variable: string): string => variable.split('=', 1)[0] ?? '';

function utf8Length(text: string): number {
  let length = 0;
  for (const letter of text) {
    const point = letter.codePointAt(0) ?? 0;
    length += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return length;
}

/** setuid(2) past RLIMIT_NPROC succeeds, and execve(2) then fails (EAGAIN). */
export const tooManyProcesses: Rule = ({ facts: { self, limits } }) => ({
  code: 'E_EXEC_LIMIT',
  why: `user ${self?.uid ?? ''} has more processes than its RLIMIT_NPROC allows (${limits?.processes ?? 'unknown'})`,
  hint: 'they are counted in all containers together: raise the limit, or give each container a user of its own',
});

/** Memory or descriptors. */
export const noRoom: Rule = ({ errno }) => ({
  code: 'E_EXEC_LIMIT',
  why: errno === 'ENOMEM' ? 'memory is used up' : 'too many files are open',
  hint: 'look at the limits of the cgroup and in process.rlimits',
});
