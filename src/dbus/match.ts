import type { Signal, SignalMatch } from './client.ts';

const quoted = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`;

/** The rule for AddMatch that has a bus send such signals. */
export function ruleOf({ sender, path, interface: of, member, args = [] }: SignalMatch): string {
  const rule = ["type='signal'"];
  if (sender !== undefined) rule.push(`sender=${quoted(sender)}`);
  if (path !== undefined) rule.push(`path=${quoted(path)}`);
  rule.push(`interface=${quoted(of)}`, `member=${quoted(member)}`);
  for (const [index, value] of args) rule.push(`arg${index}=${quoted(value)}`);
  return rule.join(',');
}

/** Whether a signal is such a one, apart from who sends it. */
export const fits = (signal: Signal, match: SignalMatch): boolean =>
  signal.member === match.member &&
  signal.interface === match.interface &&
  (match.path === undefined || signal.path === match.path) &&
  (match.args ?? []).every(([index, value]) => signal.body[index] === value);
