import t from 'tap';
import { type CommandName, commands, globalOptions, optionsOf } from './table.ts';
import { commandTexts, globalTexts } from './texts.ts';

/** Accepted for old callers, and not offered. */
const hidden = ['kernel-memory', 'kernel-memory-tcp'];

const names = (packed: string): string[] => optionsOf(packed).map(({ name }) => name);

t.test('every option of a command has a text, and nothing else has', async (t) => {
  for (const [command, { describe, options }] of Object.entries(commandTexts)) {
    const known = names(commands[command as CommandName].options).filter((name) => !hidden.includes(name));
    t.same(Object.keys(options), known, command);
    t.match(describe, /\w/);
  }
  t.same(Object.keys(commandTexts).sort(), Object.keys(commands).sort());
});

t.test('every option before the command has one; yargs has its own of help and version', async (t) => {
  t.same([...Object.keys(globalTexts), 'help', 'version'], names(globalOptions));
});

t.test('options are read from their packed form', async (t) => {
  t.same(optionsOf('a b|c d:count e|f:string'), [
    { name: 'a', type: 'boolean' },
    { name: 'b', alias: 'c', type: 'boolean' },
    { name: 'd', type: 'count' },
    { name: 'e', alias: 'f', type: 'string' },
  ]);
  t.same(optionsOf(''), []);
});
