import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DeviceRule } from '../../src/spec/types.ts';
import { writableRoot, type Edit } from './config.ts';
import type { Sandbox } from './sandbox.ts';

/** A rule as the tests write it: "allow c 1:* rw", "deny a rwm". */
export function rule(text: string): DeviceRule {
  const [, verb, type = 'a', major = '*', minor = '*', access = ''] =
    /^(allow|deny) ([abc])(?: ([\d*]+):([\d*]+))? ([rwm]+)$/.exec(text) ?? [];
  const number = (name: string, word: string): object => (word === '*' ? {} : { [name]: Number(word) });
  return { allow: verb === 'allow', type, ...number('major', major), ...number('minor', minor), access };
}

export const rules = (...texts: string[]): DeviceRule[] => texts.map(rule);

/** These rules, a root that nodes can be made in, and who may make them. */
export const ruled =
  (list: readonly DeviceRule[]): Edit =>
  (config) => {
    writableRoot(config);
    config.linux['resources'] = { devices: list };
    const { capabilities } = config.process;
    for (const set of ['bounding', 'effective', 'permitted']) capabilities[set]?.push('CAP_MKNOD', 'CAP_DAC_OVERRIDE');
  };

/** Nodes for these questions ("c:1:3:rw") in /nodes of the root filesystem: made outside, where nobody forbids it. */
export function nodes(box: Sandbox, questions: readonly string[]): void {
  const directory = join(box.rootfs(), 'nodes');
  mkdirSync(directory, { recursive: true });
  const names = new Set(questions.map((question) => question.slice(0, question.lastIndexOf(':'))));
  const commands = [...names].map((name) => {
    const [type = '', major = '', minor = ''] = name.split(':');
    return `[ -e '${name}' ] || mknod -m 777 '${name}' ${type} ${major} ${minor}\n`;
  });
  execFileSync('sh', ['-e'], { cwd: directory, input: `umask 0\n${commands.join('')}` });
  chmodSync(directory, 0o777);
}

/** What the kernel answers in a container with these rules: '1' for each question whose device may be used. */
export function answers(
  box: Sandbox,
  list: readonly DeviceRule[],
  questions: readonly string[],
  verb: 'access' | 'open' = 'access',
  ...edits: Edit[]
): string {
  nodes(box, questions);
  const bundle = box.bundle(ruled(list), (c) => void (c.process.args = ['/probe', verb, ...questions]), ...edits);
  const { stdout } = box.must(['run', '--bundle', bundle, box.id()]);
  return answersIn(stdout, questions);
}

/** `1` may be used, `0` is refused, `?` another error. */
export function answersIn(output: string, questions: readonly string[]): string {
  const told = JSON.parse(output) as Record<string, string>;
  return questions.map((question) => ({ ok: '1', EPERM: '0' })[told[question] ?? ''] ?? '?').join('');
}
