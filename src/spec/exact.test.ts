import fc from 'fast-check';
import t from 'tap';
import { diagnosisWith } from './diagnose.ts';
import { exactIntegers, unsafeInteger, withLimitsKept } from './exact.ts';

const diagnosis = diagnosisWith({ check: () => ({ errors: [], warnings: [] }), words: () => [] });

t.test('only integers that a number cannot hold are unsafe', async (t) => {
  t.equal(unsafeInteger('9007199254740991'), undefined);
  t.equal(unsafeInteger('9007199254740992'), 9007199254740992n);
  t.equal(unsafeInteger('-9223372036854775808'), -(2n ** 63n));
  t.equal(unsafeInteger('18446744073709551615.000'), 2n ** 64n - 1n);
  t.equal(unsafeInteger('9007199254740993.5'), undefined);
  t.equal(unsafeInteger('"9007199254740993"'), undefined);
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }), (integer) => {
      t.equal(unsafeInteger(String(integer)), Number.isSafeInteger(Number(integer)) ? undefined : integer);
    }),
  );
});

/** JSON.parse of an engine that tells the reviver how a number was written, as QuickJS-NG does. */
function withSource<Result>(run: () => Result): Result {
  const real = JSON.parse;
  JSON.parse = ((text: string, reviver?: (this: unknown, key: string, value: unknown, context: object) => unknown) => {
    if (!reviver) return real(text) as unknown;
    const marked = text.replace(/("(?:[^"\\]|\\.)*")|(-?\d[\d.eE+-]*)/g, (all, _string, number?: string) =>
      number === undefined ? all : `{"%source":"${number}"}`,
    );
    return real(marked, function (this: unknown, key: string, value: unknown) {
      const source = (value as { '%source'?: string } | null)?.['%source'];
      if (key === '%source') return value;
      return reviver.call(
        this,
        key,
        source === undefined ? value : Number(source),
        source === undefined ? {} : { source },
      );
    }) as unknown;
  }) as typeof JSON.parse;
  try {
    return run();
  } finally {
    JSON.parse = real;
  }
}

const text = '{"a": 18446744073709551615, "b~/": [1, {"c": -9223372036854775808}], "d": 1, "e": "9007199254740993"}';
const expected = new Map([
  ['/a', 2n ** 64n - 1n],
  ['/b~0~1/1/c', -(2n ** 63n)],
]);

t.test('unsafe integers are found by pointer, whichever way the engine has', async (t) => {
  t.strictSame(new Map(exactIntegers(text, diagnosis.scannedIntegers)), expected);
  const never = (): never => {
    throw new Error('not asked');
  };
  t.strictSame(new Map(withSource(() => exactIntegers(text, never))), expected);
  t.strictSame(new Map(withSource(() => exactIntegers('9007199254740993', never))), new Map([['', 9007199254740993n]]));
  t.strictSame(new Map(withSource(() => exactIntegers('[1, 2]', never))), new Map());
});

t.test('of several members of one name the last counts', async (t) => {
  t.strictSame(new Map(exactIntegers('{"a": {"b": 9007199254740993}, "a": {}}', diagnosis.scannedIntegers)), new Map());
});

t.test('what is beyond a limit is so as a number too, and only for the check', async (t) => {
  const rows: readonly [bigint, number][] = [
    [2n ** 64n - 1n, 2 ** 64],
    [2n ** 64n, 2 ** 64 + 4096],
    [2n ** 63n - 1n, 2 ** 63],
    [2n ** 63n, 2 ** 63 + 2048],
    [-(2n ** 63n), -(2 ** 63)],
    [-(2n ** 63n) - 1n, -(2 ** 63) - 2048],
    [2n ** 60n, 2 ** 60],
  ];
  for (const [integer, seen] of rows) {
    const document = { a: [Number(integer)] };
    const exact = new Map([['/a/0', integer]]);
    t.equal(
      withLimitsKept(document, exact, () => document.a[0]),
      seen,
      String(integer),
    );
    t.same(document, { a: [Number(integer)] });
  }
  t.equal(
    withLimitsKept(2 ** 64, new Map([['', 2n ** 64n]]), () => true),
    true,
  );
});
