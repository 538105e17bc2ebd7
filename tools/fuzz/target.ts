// What fuzz-config (addon/fuzz/config.cc) does with a config.json: `plan` and `validate`, with what they print and say.
import './pretended.ts';
import { planCommand } from '../../src/commands/plan.ts';
import { report } from '../../src/commands/report.ts';
import type { Context } from '../../src/commands/context.ts';
import * as describe from '../../src/commands/describe-part.ts';
import * as diagnose from '../../src/commands/diagnose-part.ts';
import * as devices from '../../src/lifecycle/devices-part.ts';
import * as filter from '../../src/lifecycle/filter-part.ts';
import * as savedFilter from '../../src/lifecycle/saved-filter.ts';
import * as resources from '../../src/lifecycle/resources-part.ts';
import { OcirunError } from '../../src/errors/error.ts';
import { readConfig } from '../../src/lifecycle/read-config.ts';
import { unreadable } from '../../src/lifecycle/unreadable.ts';
import { openLog } from '../../src/log.ts';
import { exactIntegers } from '../../src/spec/exact.ts';
import { scan } from '../../src/spec/scan.ts';
import { scannedIntegers } from '../../src/spec/scanned-integers.ts';
import { native } from '../../src/sys/native.ts';
import { written } from './pretended.ts';

const parts: Readonly<Record<string, unknown>> = { describe, devices, diagnose, filter, resources, savedFilter };

native.lazy = (name) => {
  const found = parts[name];
  if (found === undefined) throw new Error(`the part "${name}" is missing in tools/fuzz/target.ts`);
  return found;
};

const log = openLog(undefined, 'json', true);

const contextOf = (options: Context['options'], args: readonly string[] = []): Context => ({
  args,
  options,
  root: '/run/ocirun-fuzz',
  rootGiven: true,
  log,
});

/** The error of a command, if it had one: any other than ours gets out, and ends the run. */
function errorOf(action: () => void): OcirunError | undefined {
  try {
    action();
  } catch (error) {
    if (!(error instanceof OcirunError) || error.code === 'E_INTERNAL') throw error;
    report(error, 'create', log);
    return error;
  }
  return undefined;
}

function require(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

const plan = (bundle: string, format: string): OcirunError | undefined =>
  errorOf(() => void planCommand(contextOf({ bundle, format }, ['a'])));

const text = (integers: ReadonlyMap<string, bigint>): string =>
  [...integers]
    .map(([pointer, integer]) => `${pointer} ${integer}`)
    .sort()
    .join('\n');

/** Our scanner, which knows places, and the engine's parser agree on what is JSON, and on its integers. */
function compareParsers(config: string): void {
  const scanned = scan(config);
  let isJson = true;
  try {
    JSON.parse(config);
  } catch (error) {
    // The engine's own parser runs out of stack sooner than ours.
    if (/stack/i.test(String(error))) return;
    isJson = false;
  }
  require(isJson === 'root' in scanned, `JSON.parse ${isJson ? 'takes' : 'refuses'} what the scanner does not`);
  if (!('root' in scanned) || scanned.duplicates.length > 0) return;
  const [one, other] = [exactIntegers(config, () => new Map()), scannedIntegers(config, scanned.root)];
  require(text(one) === text(other), `exact integers differ:\n${text(one)}\n--\n${text(other)}`);
}

/** What is printed for people takes long, and is told from what programs get: it is tried with one document in 16. */
const isForPeople = (config: string): boolean => config.length % 16 === 0;

/** What `validate` counts; undefined where there is nothing to read. */
function errorsIn(bundle: string): number | undefined {
  if (errorOf(() => void diagnose.validateCommand(contextOf({ format: 'json' }, [bundle])))) return undefined;
  return (JSON.parse(String(written.at(-1))) as { errors: number }).errors;
}

function tellPeople(bundle: string, isRefused: boolean): void {
  if (!isRefused) for (const format of ['text', 'json']) plan(bundle, format);
  diagnose.validateCommand(contextOf({ format: 'text' }, [bundle]));
}

/** @return the encoded plan, where there is one */
export function one(bundle: string): Uint8Array | undefined {
  written.length = 0;
  const refused = plan(bundle, 'bytes');
  const encoded = refused ? undefined : written.at(-1);
  const errors = errorsIn(bundle);
  require(refused !== undefined || errors === 0, 'validate refuses what plan takes');
  require(refused === undefined || errors !== 0, `plan refuses what validate takes: ${refused?.message}`);
  let config = '';
  if (errorOf(() => void (config = readConfig(bundle, () => unreadable)))) return undefined;
  compareParsers(config);
  if (isForPeople(config)) tellPeople(bundle, refused !== undefined);
  return encoded instanceof Uint8Array ? encoded : undefined;
}
