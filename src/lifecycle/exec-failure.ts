import type { Code } from '../errors/catalogue.ts';
import { type Details, OcirunError } from '../errors/error.ts';
import type { Step } from '../plan/steps.ts';
import { explainDirectory } from './explain-directory.ts';
import { explainExec, type Explanation } from './explain-exec.ts';
import type { Facts } from './facts.ts';

/** A step that failed, of those that look for, execute or go to something in the container. */
export interface StepFailure {
  readonly step: Step;
  readonly facts: Facts;
  /** The name of the error, and the kernel's words for it. */
  readonly errnoName: string;
  readonly words: string;
  readonly details: Details;
}

/** `sentence`, with the reason behind it where there is one. */
function explained(code: Code, sentence: string, explanation: Explanation | undefined, details: Details): OcirunError {
  if (!explanation) return new OcirunError(code, sentence, details);
  const { why, hint } = explanation;
  return new OcirunError(explanation.code, `${sentence}: ${why}`, { ...details, hint });
}

/** The error of `findProgram` and `execute`, in the words that engines look for (runtimes.md, section 9). */
export function execFailure({ step, facts, errnoName, words, details }: StepFailure): OcirunError {
  const [first = '', path = ''] = step.strs;
  if (step.op === 'execute') {
    const args = Number(step.nums[0]);
    const explanation = explainExec({ errno: errnoName, facts, strings: step.strs, args });
    return explained('E_EXEC', `exec ${facts.about || first}: ${words}`, explanation, details);
  }
  const searched = first.includes('/') ? {} : { searched: path };
  const explanation = explainExec({ errno: errnoName, facts, ...searched });
  return explained('E_EXEC', `exec: "${first}": ${notFound(first, errnoName, words)}`, explanation, details);
}

function notFound(name: string, errnoName: string, words: string): string {
  if (errnoName !== 'ENOENT') return words;
  return name.includes('/') ? `stat ${name}: ${words}` : 'executable file not found in $PATH';
}

/** The error of the working directory: `action` says what was done to it. */
export function directoryFailure(action: string, { facts, errnoName, words, details }: StepFailure): OcirunError {
  return explained('E_CWD', `${action}: ${words}`, explainDirectory(errnoName, facts), details);
}

/** Of all hooks, only these are looked for in the root filesystem of the container (config.md "POSIX-platform Hooks"). */
const ofTheContainer = '/hooks/startContainer/';

const onTheHost = (text: string): string =>
  text.replaceAll('in the image', 'on the host').replace(/\b(?:the|this) image\b/g, 'the host');

/** Why the hook that `pointer` names could not be executed, for the end of a sentence, and what to do. */
export function hookReason(
  pointer: string,
  facts: Facts,
  errnoName: string,
): { readonly why: string; readonly hint?: string } {
  const explanation = explainExec({ errno: errnoName, facts });
  if (!explanation) return { why: '' };
  const say = pointer.startsWith(ofTheContainer) ? (text: string): string => text : onTheHost;
  // Of a directory execve(2) says the same as of a file without the right mode.
  const directory = errnoName === 'EACCES' && explanation.code === 'E_EXEC_DIRECTORY' ? 'it is a directory: ' : '';
  return { why: `: ${directory}${say(explanation.why)}`, hint: say(explanation.hint) };
}
