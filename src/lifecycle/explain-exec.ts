import type { Code } from '../errors/catalogue.ts';
import { capabilityNames } from '../plan/capabilities.ts';
import { emulatorMissing, libraryOf, misfit } from './explain-format.ts';
import { type Blame, blockedWay, isDirectory, notExecutable, whoAtEnd } from './explain-way.ts';
import { noRoom, tooLong, tooManyProcesses } from './explain-limits.ts';
import type { Facts, Look } from './facts.ts';

/** A program that the kernel has not executed. */
export interface ExecFailure {
  /** The name of the error. */
  readonly errno: string;
  readonly facts: Facts;
  /** The PATH in which the name was looked for, if it was. */
  readonly searched?: string;
  /** Arguments and environment, if it came to those. */
  readonly strings?: readonly string[];
  /** How many of the strings are arguments. */
  readonly args?: number;
}

/** Why it failed: a clause, and what to do. */
export interface Explanation {
  readonly code: Code;
  readonly why: string;
  readonly hint: string;
}

/** One thing that may be behind it; undefined where it is not. */
export type Rule = (failure: ExecFailure) => Explanation | undefined;

/** Of what the facts show to be wrong, the first thing on the way of the kernel. */
const firstBlame: Rule = ({ errno, facts }) => {
  for (const [index, look] of facts.looks.entries()) {
    const blame = blockedWay(look, facts.self) ?? notExecutable(look, facts.self);
    if (blame && (look.word !== 'candidate' || errno !== 'EACCES' || isRefusal(look, blame)))
      return blamed(facts.looks, index, blame);
  }
  return undefined;
};

/** Of the files that PATH leads to, those that are passed over without a word: directories, and links to nothing. */
const isRefusal = ({ file }: Look, { kind }: Blame): boolean =>
  kind === 'type' ? !isDirectory(file?.mode ?? 0) : ['search', 'mode', 'noexec', 'refused'].includes(kind);

const codes: Readonly<Record<Blame['kind'], Code>> = {
  missing: 'E_EXEC_NOT_FOUND',
  element: 'E_EXEC_NOT_FOUND',
  long: 'E_EXEC_NOT_FOUND',
  link: 'E_EXEC_LINK',
  loop: 'E_EXEC_LINK',
  search: 'E_EXEC_PERMISSION',
  mode: 'E_EXEC_PERMISSION',
  type: 'E_EXEC_DIRECTORY',
  noexec: 'E_EXEC_NOEXEC',
  refused: 'E_EXEC_REFUSED',
};

function blamed(looks: readonly Look[], index: number, blame: Blame): Explanation {
  const look = looks[index] as Look;
  if (look.word === 'interpreter') return interpreterBlamed(looks, index, blame);
  if (look.word === 'loader') return loaderBlamed(looks, index, blame);
  const alone = look.word === 'program' ? blame.alone : undefined;
  const why = alone ?? `${subject(looks, index)} ${blame.says}`;
  return { code: codes[blame.kind], why, hint: blame.hint };
}

/** How a file is called in the sentence about it. */
function subject(looks: readonly Look[], index: number): string {
  const { word, path } = looks[index] as Look;
  const before = looks[index - 1];
  const whose = before?.word === 'interpreter' ? `its interpreter ${before.path}` : 'it';
  if (word === 'loader') return `the loader ${path} that ${whose} needs`;
  if (word !== 'interpreter') return word === 'candidate' ? path : 'it';
  const names = `names the interpreter ${JSON.stringify(path)}`;
  return before?.word === 'interpreter' ? `${whose} ${names}, which` : `its first line ${names}, which`;
}

function interpreterBlamed(looks: readonly Look[], index: number, blame: Blame): Explanation {
  const { path } = looks[index] as Look;
  const code = 'E_EXEC_INTERPRETER';
  const sentence = `${subject(looks, index)} ${blame.says}`;
  if (path.endsWith('\r'))
    return {
      code,
      why: `${sentence}: the line ends in CR LF`,
      hint: 'give the script the line ends of Unix: dos2unix',
    };
  if (!path.startsWith('/'))
    return { code, why: `${sentence} in the working directory`, hint: 'name the interpreter by its absolute path' };
  const missing = blame.kind === 'missing' || blame.kind === 'element';
  const hint = missing ? 'install it in the image, or name an interpreter that the image has' : blame.hint;
  return { code, why: sentence, hint };
}

function loaderBlamed(looks: readonly Look[], index: number, blame: Blame): Explanation {
  const library = libraryOf((looks[index] as Look).path);
  const missing = blame.kind === 'missing' || blame.kind === 'element' || blame.kind === 'link';
  const says = blame.kind === 'element' ? 'does not exist' : blame.says;
  const lacks = missing && library !== undefined ? `: the image has no ${library}` : '';
  const why = `${subject(looks, index)} ${says}${lacks}`;
  const hint = missing ? 'link the program statically, or build it for the libraries of this image' : blame.hint;
  return { code: 'E_EXEC_LOADER', why, hint };
}

/** The last file that the kernel came to is the one that it could not make out. */
const format: Rule = ({ facts }) => {
  const index = facts.looks.length - 1;
  const look = facts.looks[index];
  const found = look && misfit(look, facts.kernel);
  if (!found) return undefined;
  return { code: found.code, why: `${subject(facts.looks, index)} ${found.says}`, hint: found.hint };
};

/** ELIBBAD: the loader is no ELF program for this machine. */
const badLoader: Rule = (failure) => {
  const found = failure.facts.looks.at(-1)?.word === 'loader' ? format(failure) : undefined;
  return found && { ...found, code: 'E_EXEC_LOADER' };
};

const emulator: Rule = ({ facts }) => {
  for (const [index, look] of facts.looks.entries()) {
    const found = emulatorMissing(look, facts.kernel);
    if (found) return { code: found.code, why: `${subject(facts.looks, index)} ${found.says}`, hint: found.hint };
  }
  return undefined;
};

/** The kernel follows five interpreters (exec_binprm() in fs/exec.c). */
const tooDeep: Rule = ({ facts }) => {
  const chain = facts.looks.map(({ path }) => path);
  if (chain.length < 2) return undefined;
  const again = chain.find((path, index) => chain.indexOf(path) !== index);
  const why =
    again === undefined
      ? `each of its interpreters is a script that needs another: ${chain.slice(1).join(', ')}; the kernel follows five`
      : `the script ${again} is to be interpreted by itself`;
  return { code: 'E_EXEC_INTERPRETER', why, hint: 'let the script name a program that is no script' };
};

const busy: Rule = () => ({
  code: 'E_EXEC_BUSY',
  why: 'somebody has it open for writing',
  hint: 'wait until it has been copied; write programs under another name and rename them',
});

const has = (mask: number, capability: number): boolean => Math.floor(mask / 2 ** capability) % 2 === 1;

/** A file whose capabilities the process could not get is not executed (capabilities(7), "Safety checking"). */
const fileCapabilities: Rule = ({ facts: { looks, self } }) => {
  const file = looks.find(({ capabilities }) => capabilities?.effective);
  if (!file?.capabilities || !self) return undefined;
  const { permitted } = file.capabilities;
  const lacking = capabilityNames().filter((_, number) => has(permitted, number) && !has(self.bounding, number));
  if (lacking.length === 0) return undefined;
  return {
    code: 'E_EXEC_PERMISSION',
    why: `the file ${file.path} is to have ${lacking.join(', ')} (setcap), which the container may not have`,
    hint: 'add it to process.capabilities.bounding, or take it from the file: setcap -r',
  };
};

const refused: Rule = ({ errno, facts: { looks, self, kernel } }) => {
  const allowed = looks.length > 0 && looks.every(({ file, access }) => file && access === '');
  if (!allowed) return undefined;
  const filter =
    kernel && kernel.seccomp > 0 && errno === 'EPERM' ? 'a seccomp filter or a security module' : 'a security module';
  return {
    code: 'E_EXEC_REFUSED',
    why: `mode and mount allow it to ${whoAtEnd(self)}; ${filter} has refused it`,
    hint: 'SELinux, AppArmor, IMA, fapolicyd: see the audit log and the kernel log of the host',
  };
};

/** A name that is in no directory of PATH. */
const notOnPath: Rule = ({ facts, searched }) => {
  if (searched === undefined) return undefined;
  const code = 'E_EXEC_NOT_FOUND';
  if (facts.about === '') return { code, why: 'process.args[0] is empty', hint: 'name the program there' };
  const where = searched === '' ? 'PATH is empty' : `PATH is ${searched}`;
  const hint = /\s/.test(facts.about)
    ? 'the name has a blank in it: each argument is an element of process.args of its own'
    : 'look whether the image has it, or give its absolute path';
  return { code, why: where, hint };
};

/** What may be behind an error, in the order of being asked. */
const rules: Readonly<Record<string, readonly Rule[]>> = {
  ENOENT: [firstBlame, emulator, notOnPath],
  ENOTDIR: [firstBlame],
  EISDIR: [firstBlame],
  ENAMETOOLONG: [firstBlame],
  ELOOP: [firstBlame, tooDeep],
  EACCES: [firstBlame, refused],
  EPERM: [fileCapabilities, refused],
  ENOEXEC: [format],
  EINVAL: [format],
  EIO: [format],
  ELIBBAD: [badLoader],
  E2BIG: [tooLong],
  ETXTBSY: [busy],
  EAGAIN: [tooManyProcesses],
  ENOMEM: [noRoom],
  EMFILE: [noRoom],
  ENFILE: [noRoom],
};

/** Why a program was not executed; undefined where the facts do not tell. */
export function explainExec(failure: ExecFailure): Explanation | undefined {
  for (const rule of rules[failure.errno] ?? []) {
    const explanation = rule(failure);
    if (explanation) return explanation;
  }
  return undefined;
}
