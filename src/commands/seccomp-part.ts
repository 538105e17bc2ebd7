import { OcirunError } from '../errors/error.ts';
import { nearest } from '../spec/suggest.ts';
import type { Context } from './context.ts';
import { seccompCompile } from './seccomp-compile.ts';
import { seccompExplain } from './seccomp-explain.ts';

const verbs: Readonly<Record<string, (context: Context, args: readonly string[]) => number>> = {
  explain: seccompExplain,
  compile: seccompCompile,
};

/** `seccomp`: what a profile says, and the filter that is made of it. */
export function seccompCommand(context: Context): number {
  const [verb = '', ...args] = context.args;
  const run = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (run) return run(context, args);
  const meant = nearest(verb, Object.keys(verbs));
  throw new OcirunError('E_USAGE', `seccomp does not know ${JSON.stringify(verb)}`, {
    hint: meant ? `did you mean ${meant}?` : Object.keys(verbs).join(' or '),
  });
}
