import { OcirunError } from '../errors/error.ts';
import {
  type ArchitectureName,
  type Condition,
  type Outlook,
  architectures,
  callNames,
  compile,
  describeReturn,
  meets,
  multiplexed,
  nameOf,
  numberOf,
  outlook,
} from '../seccomp-bpf-compiler/index.ts';
import { nativeArchitecture } from '../lifecycle/native-architecture.ts';
import { nearest } from '../spec/suggest.ts';
import { sys } from '../sys/index.ts';
import { type Context, textOption } from './context.ts';
import { type ProfileFile, architectureNamed, compiling, readProfile } from './seccomp-profile.ts';

/** A call as it arrives at the filter. */
interface Question {
  readonly architecture: ArchitectureName;
  /** As the user has it: the name, or what the number is called. */
  readonly call: string;
  readonly number: number;
  /** The first arguments; the others are not known. */
  readonly args: readonly bigint[];
}

/** What may become of a call, and what decides so. */
interface Answer {
  readonly result: string;
  readonly reason: 'rule' | 'default' | 'newer than the profile' | 'unknown architecture';
  readonly pointer?: string;
  readonly location?: string;
  /** What has to hold of arguments that are not known; the first answer for which all of it does counts. */
  readonly conditions: readonly string[];
}

const hex = (value: bigint): string => `0x${value.toString(16)}`;

const signs: Readonly<Record<Condition['op'], string>> = {
  SCMP_CMP_NE: '!=',
  SCMP_CMP_LT: '<',
  SCMP_CMP_LE: '<=',
  SCMP_CMP_EQ: '==',
  SCMP_CMP_GE: '>=',
  SCMP_CMP_GT: '>',
  SCMP_CMP_MASKED_EQ: '==',
};

/** A condition as it is compared: narrow architectures have arguments of 32 bits. */
function conditionText({ index, op, value, valueTwo }: Condition, wide: boolean): string {
  const cut = (number: number | bigint | undefined): bigint => BigInt.asUintN(wide ? 64 : 32, BigInt(number ?? 0));
  if (op !== 'SCMP_CMP_MASKED_EQ') return `arg${index} ${signs[op]} ${hex(cut(value))}`;
  return `arg${index} & ${hex(cut(value))} == ${hex(cut(valueTwo) & cut(value))}`;
}

/** `ERRNO(1)` and the name of that errno. */
function resultText(value: number): string {
  const text = describeReturn(value);
  const errno = value & 0xffff;
  const isErrno = text.startsWith('ERRNO(') && errno !== 0;
  return isErrno ? `${text} ${sys.describeErrno(errno)[0]}` : text;
}

/** -1 is what a tracer makes of a call that is not to be done: it is none of x32 (seccomp(2)). */
const skipped = 0xffffffff;

/** The architecture that the kernel takes a number for: x32 shares its AUDIT_ARCH with x86-64 and has numbers of its own. */
function ownerOf(number: number, asked: ArchitectureName): ArchitectureName {
  if (number === skipped) return asked;
  const { audit } = architectures[asked];
  const sharing = (Object.keys(architectures) as ArchitectureName[]).filter(
    (name) => architectures[name].audit === audit,
  );
  const own = sharing.filter((name) => architectures[name].base <= number);
  return own.reduce(
    (one, other) => (architectures[other].base > architectures[one].base ? other : one),
    own[0] ?? asked,
  );
}

/** What a number is asked about; x32 in a question for x86-64 is the kernel's way, but not the other way round. */
function architectureOf(number: number, asked: ArchitectureName): ArchitectureName {
  const owner = ownerOf(number, asked);
  const { base } = architectures[asked];
  if (owner === asked || base <= number) return owner;
  throw new OcirunError('E_USAGE', `${asked} has no number ${number}: its numbers begin at 0x${base.toString(16)}`, {
    hint: `${number} is a call of ${owner}`,
  });
}

/** All that may become of a call, in the order in which it is tried. */
function answersTo(question: Question, { candidates, otherwise }: Outlook, file: ProfileFile): Answer[] {
  const { wide } = architectures[question.architecture];
  const answers: Answer[] = [];
  const place = (inProfile: string): Pick<Answer, 'pointer' | 'location'> => ({
    pointer: file.pointer(inProfile),
    location: file.location(inProfile),
  });
  for (const { rule, value, conditions } of candidates) {
    const given = conditions.map((one) => [one, question.args[one.index]] as const);
    if (given.some(([one, arg]) => arg !== undefined && !meets(one, arg, question.architecture))) continue;
    const open = given.filter(([, arg]) => arg === undefined).map(([one]) => conditionText(one, wide));
    answers.push({ result: resultText(value), reason: 'rule', ...place(`/syscalls/${rule}`), conditions: open });
    if (open.length === 0) return answers;
  }
  const { value, reason } = otherwise;
  const where = reason === 'default' ? place('/defaultAction') : {};
  return [...answers, { result: resultText(value), reason, ...where, conditions: [] }];
}

/** What a word of the command line is as an argument of a call: 64 bits. */
function argumentNamed(word: string): bigint {
  const [, sign, digits] = /^(-?)(0[xX][\da-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|\d+)$/.exec(word) ?? [];
  if (digits === undefined) throw new OcirunError('E_USAGE', `${JSON.stringify(word)} is not a number`);
  const octal = /^0[0-7]+$/.test(digits) ? `0o${digits}` : digits;
  const value = BigInt(octal);
  if (value >= 1n << 64n || (sign === '-' && value > 1n << 63n))
    throw new OcirunError('E_USAGE', `${word} does not fit into the 64 bits of an argument`);
  return BigInt.asUintN(64, sign === '-' ? -value : value);
}

/** The calls that a word of the command line is about: itself, and where it goes through socketcall or ipc, that. */
function questionsOf(word: string, args: readonly bigint[], asked: ArchitectureName): Question[] {
  const isNumber = /^\d/.test(word);
  const number = isNumber ? Number(argumentNamed(word)) : numberOf(architectures[asked], word);
  if (number > 0xffffffff) throw new OcirunError('E_USAGE', `the number of a system call has 32 bits, not ${word}`);
  const architecture = isNumber ? architectureOf(number, asked) : asked;
  const known = isNumber ? nameOf(architectures[architecture], number) : word;
  const question = { architecture, call: known ?? word, number, args };
  const behind = multiplexed(architectures[architecture])
    .filter(([call]) => call === known)
    .map(([, { through, selector }]) => ({
      architecture,
      call: through,
      number: numberOf(architectures[architecture], through),
      // A filter does not see its arguments: socketcall gets a pointer to them.
      args: [BigInt(selector)],
    }));
  const all = number < 0 ? behind : [question, ...behind];
  if (all.length === 0) throw unknownCall(word, architecture);
  return all;
}

function unknownCall(word: string, architecture: ArchitectureName): OcirunError {
  const there = callNames.includes(word);
  const meant = there ? undefined : nearest(word, callNames);
  const message = there
    ? `${architecture} has no system call ${word}: rules about it have no effect there`
    : `no architecture has a system call ${JSON.stringify(word)}: rules about it have no effect`;
  return new OcirunError('E_USAGE', message, meant === undefined ? {} : { hint: `did you mean ${meant}?` });
}

const reasons: Readonly<Record<Answer['reason'], string>> = {
  rule: 'rule',
  default: 'default',
  'newer than the profile': 'its number is above all that the profile names',
  'unknown architecture': 'the profile does not name the architecture',
};

/** A call and all answers, for people. */
function paragraph({ call, architecture, number, args }: Question, answers: readonly Answer[]): string {
  const given = args.length === 0 ? '' : `(${args.map(hex).join(', ')})`;
  const head = `${call}${given}, number ${number} on ${architecture}`;
  const open = answers.length > 1;
  const column = Math.max(...answers.map(({ result }) => result.length));
  const lines = answers.map(({ result, reason, pointer, location, conditions }) => {
    const when = conditions.length > 0 ? `if ${conditions.join(' and ')}` : open ? 'otherwise' : '';
    const why = `${reasons[reason]}${pointer === undefined ? '' : ` ${pointer} (${location})`}`;
    return `    ${result.padEnd(column)}  ${when === '' ? '' : `${when}: `}${why}\n`;
  });
  return `${head}${open ? ': depends on its arguments' : ''}\n${lines.join('')}`;
}

/** What `seccomp explain --format` knows. */
const printers: Readonly<Record<string, (found: readonly (readonly [Question, readonly Answer[]])[]) => string>> = {
  text: (found) => found.map(([question, answers]) => paragraph(question, answers)).join(''),
  json: (found) => {
    const calls = found.map(([question, answers]) => ({
      ...question,
      args: question.args.map(hex),
      answers,
    }));
    return `${JSON.stringify(calls, null, 2)}\n`;
  },
};

/** `seccomp explain`: what becomes of a system call under a profile, and which rule says so. */
export function seccompExplain(context: Context, [word = '', call, ...rest]: readonly string[]): number {
  if (call === undefined) throw new OcirunError('E_USAGE', 'seccomp explain takes a profile and a system call');
  if (rest.length > 6) throw new OcirunError('E_USAGE', `a system call has 6 arguments, not ${rest.length}`);
  const format = textOption(context, 'format') ?? 'text';
  const print = Object.hasOwn(printers, format) ? printers[format] : undefined;
  if (!print) throw new OcirunError('E_USAGE', `invalid format option: ${format}`, { hint: 'text or json' });
  const native = nativeArchitecture();
  const architecture = architectureNamed(textOption(context, 'arch') ?? native);
  const questions = questionsOf(call, rest.map(argumentNamed), architecture);
  const file = readProfile(word);
  const asked = questions.map(({ call: name }) => name);
  const warn = (message: string, pointer: string): void => {
    const [, , rule = 0, , which = 0] = pointer.split('/').map(Number);
    if (asked.includes(file.profile.syscalls?.[rule]?.names[which] ?? ''))
      context.log.warn(`${file.location(pointer)} ${file.pointer(pointer)}: ${message}`);
  };
  // It checks what the answers are read off.
  compiling(file, () => compile(file.profile, { native, warn }));
  const { audit } = architectures[architecture];
  const found = questions.map((question) => {
    const given = { arch: audit, nr: question.number };
    return [question, answersTo(question, outlook(file.profile, { native }, given), file)] as const;
  });
  sys.write(1, print(found));
  return 0;
}
