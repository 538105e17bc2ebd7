// The program build/ocirun-smoke: what host.test.mjs makes the standalone host do.
import yargs from 'yargs/browser';
import { native } from '../../../src/sys/native.ts';

const print = (text: string): void => native.write(1, `${text}\n`);

function innermost(value: unknown): never {
  throw new TypeError(`no such thing: ${String(value)}`);
}

/** How deep JSON nests until the engine says that its stack is full; 0 where a million levels are well. */
function fullAt(make: (depth: number) => unknown): number {
  for (let depth = 100; depth <= 1_000_000; depth *= 10)
    try {
      make(depth);
    } catch (error) {
      if (!(error instanceof RangeError) && !String(error).includes('stack overflow')) throw error;
      return depth;
    }
  return 0;
}

const recurse = (depth: number): number => (depth === 0 ? 0 : 1 + recurse(depth - 1));

const actions: Readonly<Record<string, (rest: string[]) => void>> = {
  nothing: () => undefined,
  arguments: (rest) => print(JSON.stringify(rest)),
  environment: () => print(JSON.stringify(native.environ())),
  throw: ([value]) => innermost(value),
  'throw a text': ([value]) => {
    throw value;
  },
  deep: () => {
    print(`json ${fullAt((depth) => JSON.parse('['.repeat(depth) + ']'.repeat(depth)))}`);
    print(`calls ${fullAt(recurse)}`);
    print(`patterns ${fullAt((depth) => new RegExp('(?:'.repeat(depth) + ')'.repeat(depth)))}`);
  },
  memory: () => {
    // Strings and arrays that grow, shrink and go: what the allocator gives back, it must be able to use again.
    let text = '';
    const kept: string[][] = [];
    for (let round = 0; round < 300; round++) {
      text += 'x'.repeat(round * 7);
      kept.push(Array.from({ length: round }, (_, at) => `${at}`));
      if (round % 3 === 0) kept.shift();
    }
    print(`${text.length} ${kept.reduce((sum, each) => sum + each.length, 0)} ${kept.at(-1)?.at(-1)}`);
  },
  lazy: ([name]) => print(String(native.lazy(name ?? ''))),
  /* eslint-disable no-eval, no-new-func -- that they do not work is tested */
  'no eval': () => {
    print([typeof globalThis.eval, tried(() => new Function('return 1')() as unknown)].join(' '));
  },
  /* eslint-enable no-eval, no-new-func */
  yargs: () => {
    const parser = (yargs as unknown as () => typeof yargs)().scriptName('smoke').option('flag', { type: 'boolean' });
    void parser.parse(['--help'], (_error: unknown, _argv: unknown, help: string) => print(help));
  },
};

function tried(action: () => unknown): string {
  try {
    return String(action());
  } catch (error) {
    return (error as Error).name;
  }
}

export function run(): void {
  const [, name = 'nothing', ...rest] = native.argv();
  actions[name]?.(rest);
}
