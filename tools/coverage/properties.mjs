// The properties of the schema of config.json: those that every platform has, and Linux's.

/** Parts for other platforms: config.md has each of them ignored elsewhere. */
const otherPlatforms = ['solaris', 'windows', 'vm', 'zos', 'freebsd'];

/**
 * Every property that has no properties of its own, as `{pointer, schema, required}`. In a pointer, `[]` stands for any
 * item and `{}` for any name.
 */
export function propertiesOf(root) {
  const resolve = (schema) => (schema.$ref ? root.$defs[schema.$ref.slice('#/$defs/'.length)] : schema);
  const list = [];
  const visit = (reference, pointer, required) => {
    const schema = resolve(reference);
    const members = Object.entries(schema.properties ?? {}).filter(([name]) => name !== '');
    for (const [name, member] of members)
      if (pointer !== '' || !otherPlatforms.includes(name))
        visit(member, `${pointer}/${name}`, schema.required?.includes(name) ?? false);
    if (members.length > 0) return;
    const below = schema.items ?? schema.additionalProperties;
    const deeper = typeof below === 'object' && resolve(below).properties;
    if (deeper) visit(below, `${pointer}/${schema.items ? '[]' : '{}'}`, false);
    else list.push({ pointer, schema: schemaOf(schema, below, resolve), required });
  };
  visit(root, '', true);
  return list;
}

const schemaOf = (schema, below, resolve) =>
  typeof below === 'object' ? { ...schema, below: resolve(below) } : schema;
