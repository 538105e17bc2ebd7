import t from 'tap';
import { annotatedProperties } from './annotations.ts';

const one = (name: string, text: string) => {
  const [found] = annotatedProperties({ 'other.thing': 'x', [`org.systemd.property.${name}`]: text });
  return found && [found.name, found.value.signature, found.value.value];
};

t.test('annotations as properties', async (t) => {
  const table: [string, string, unknown[]][] = [
    ['CollectMode', "'inactive-or-failed'", ['CollectMode', 's', 'inactive-or-failed']],
    ['TimeoutStopUSec', 'uint64 1', ['TimeoutStopUSec', 't', 1n]],
    ['TimeoutStopSec', 'uint64 123', ['TimeoutStopUSec', 't', 123_000_000n]],
    ['TimeoutStopSec', 'byte 3', ['TimeoutStopUSec', 't', 3_000_000n]],
    ['TimeoutStopSec', '7', ['TimeoutStopUSec', 't', 7_000_000n]],
    ['TimeoutStopSec', '1.5', ['TimeoutStopUSec', 't', 1_500_000n]],
    ['SendSIGHUP', 'true', ['SendSIGHUP', 'b', true]],
    // No small letter before: the name of something else.
    ['WatchdogUSec', 'uint64 5', ['WatchdogUSec', 't', 5n]],
    ['After', "['a.service', 'b.service']", ['After', 'as', ['a.service', 'b.service']]],
  ];
  for (const [name, text, property] of table) t.strictSame(one(name, text), property, `${name}=${text}`);
  t.strictSame(annotatedProperties({}), []);
  t.strictSame(annotatedProperties({ 'a/b~c': '1' }), []);
});

t.test('what is no name and no value', async (t) => {
  const table: [string, string, RegExp][] = [
    ['AB', '1', /^annotation org\.systemd\.property\.AB name incorrect: too short$/],
    ['', '1', /name incorrect: too short/],
    ['Foo-Bar', '1', /name incorrect: contains non-alphabetic character/],
    ['Föö', '1', /name incorrect: contains non-alphabetic character/],
    [
      'TimeoutStopSec',
      "'5s'",
      /^annotation org\.systemd\.property\.TimeoutStopSec='5s' value parse error: not a number$/,
    ],
    ['TimeoutStopUSec', 'uint64', /value parse error: /],
    ['TimeoutStopSec', '-1', /value parse error: not a number of seconds that systemd has$/],
    ['TimeoutStopSec', '1e305', /value parse error: not a number of seconds that systemd has$/],
    ['TimeoutStopSec', 'uint64 18446744073709551615', /value parse error: not a number of seconds/],
  ];
  for (const [name, text, message] of table) {
    const pointer = `/annotations/org.systemd.property.${name}`;
    t.throws(() => one(name, text), { code: 'E_CONFIG_RULE', message, details: { pointer } }, `${name}=${text}`);
  }
});
