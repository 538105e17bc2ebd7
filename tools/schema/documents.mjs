// Documents that are made from a schema, and what becomes of a document if something in it is changed.

/** What a pattern of ours takes. */
const words = {
  '^RLIMIT_[A-Z]+$': 'RLIMIT_NOFILE',
  '^[1-9][0-9]*[KMG]B$': '2MB',
  '^[cbup]$': 'c',
  '^MB:[^\\n]*$': 'MB:0=10',
  '^[0-9, -]*$': '0-3, 5',
  '^CAP_[A-Z_]+$': 'CAP_KILL',
};

/** A document that has every property which the schema knows. */
export function fullDocument(schema, definitions = schema.$defs) {
  if (schema.$ref) return fullDocument(definitions[schema.$ref.slice('#/$defs/'.length)], definitions);
  if (schema.enum) return schema.enum[0];
  if (schema.pattern) return words[schema.pattern];
  if (schema.additionalProperties) return { name: fullDocument(schema.additionalProperties, definitions) };
  const make = {
    undefined: () => 'anything',
    string: () => 'text',
    boolean: () => true,
    integer: () => schema.minimum ?? 0,
    array: () => [fullDocument(schema.items, definitions)],
    object: () =>
      Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, member]) => [name, fullDocument(member, definitions)]),
      ),
  };
  return make[schema.type]();
}

const numbers = [-1, 0, 1, 1.5, 255, 256, 511, 512, 65536, 2 ** 31, 2 ** 32, 2 ** 63, 2 ** 64, -(2 ** 63), 1e300];
const texts = [
  '',
  'x',
  'RLIMIT_X',
  'RLIMIT_1',
  '64kB',
  '2MB',
  '0MB',
  'cb',
  'MB:',
  'mount pid',
  ' ',
  'inherit',
  'disable',
];
const others = [null, true, false, [], [1], ['x'], [[]], {}, { '': 1 }, { x: 1 }, { x: 'x' }, { x: {} }, [{}]];
export const replacements = [...numbers, ...texts, ...others];

/** Run `check` with every document that has one value of this one replaced, removed or added. Restores it. */
export function eachMutation(document, check) {
  const visit = (holder, where) => {
    for (const name of Object.keys(holder)) {
      const value = holder[name];
      for (const replacement of replacements) {
        holder[name] = replacement;
        check(document, `${where}/${name} = ${JSON.stringify(replacement)}`);
      }
      if (!Array.isArray(holder)) {
        delete holder[name];
        check(document, `${where}/${name} removed`);
      }
      holder[name] = value;
      if (typeof value === 'object' && value !== null) visit(value, `${where}/${name}`);
    }
    if (Array.isArray(holder)) return;
    for (const name of ['', 'unknown']) {
      holder[name] = 7;
      check(document, `${where}/${name} added`);
      delete holder[name];
    }
  };
  check(document, 'as it is');
  visit(document, '');
}
