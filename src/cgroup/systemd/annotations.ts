import { parseVariant } from '../../dbus/gvariant.ts';
import type { Variant } from '../../dbus/types.ts';
import { OcirunError } from '../../errors/error.ts';

/** A property, and the annotation that asks for it. */
export interface Annotated {
  readonly name: string;
  readonly value: Variant;
  readonly pointer: string;
}

const prefix = 'org.systemd.property.';

const pointerOf = (annotation: string): string =>
  `/annotations/${annotation.replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** Properties of the unit from annotations, as runc has them: `org.systemd.property.TimeoutStopUSec` = `uint64 1`. */
export const annotatedProperties = (annotations: Readonly<Record<string, string>>): Annotated[] =>
  Object.entries(annotations).flatMap(([annotation, text]) =>
    annotation.startsWith(prefix) ? [annotated(annotation, text)] : [],
  );

function annotated(annotation: string, text: string): Annotated {
  const name = annotation.slice(prefix.length);
  const pointer = pointerOf(annotation);
  const problem = name.length < 3 ? 'too short' : /^[A-Za-z]+$/.test(name) ? '' : 'contains non-alphabetic character';
  if (problem)
    throw new OcirunError('E_CONFIG_RULE', `annotation ${annotation} name incorrect: ${problem}`, {
      pointer,
      hint: `after ${prefix} comes the name of a property of systemd on D-Bus, as in ${prefix}TimeoutStopUSec`,
    });
  try {
    return { ...inMicroseconds(name, parseVariant(text)), pointer };
  } catch (error) {
    if (!(error instanceof OcirunError)) throw error;
    throw new OcirunError('E_CONFIG_RULE', `annotation ${annotation}=${text} value parse error: ${error.message}`, {
      pointer,
      hint: `the value is written as GVariant has it: uint64 5, true, 'text', ['a', 'b']`,
      cause: error,
    });
  }
}

/** What is called `…Sec` in the files of units has the name `…USec` on D-Bus, and counts microseconds. */
function inMicroseconds(name: string, value: Variant): { name: string; value: Variant } {
  if (!/[a-z]Sec$/.test(name)) return { name, value };
  return { name: `${name.slice(0, -'Sec'.length)}USec`, value: { signature: 't', value: microseconds(value) } };
}

/** "infinity" of systemd. */
const longest = 0xffff_ffff_ffff_ffffn;

function microseconds({ signature, value }: Variant): bigint {
  if (!'ynqiuxtd'.includes(signature) || !(typeof value === 'number' || typeof value === 'bigint'))
    throw new OcirunError('E_CONFIG_RULE', 'not a number');
  const time = typeof value === 'number' ? value * 1e6 : value * 1_000_000n;
  if (time < 0 || time > longest) throw new OcirunError('E_CONFIG_RULE', 'not a number of seconds that systemd has');
  return typeof time === 'number' ? BigInt(Math.trunc(time)) : time;
}
