import type { Surface } from './check.ts';
import { equal, fails, ok, refuses } from './check.ts';

type Texts = Pick<
  Surface,
  'argv' | 'environ' | 'getenv' | 'exit' | 'lazy' | 'encodeText' | 'decodeText' | 'describeErrno' | 'clock'
>;

// Long enough to leave every fixed buffer on the way.
const long = 'añ€😀'.repeat(5000);

/** Ill-formed UTF-8: a byte alone, overlong forms, a surrogate, above U+10FFFF, cut short. */
const wrong = [
  [0x80],
  [0xff],
  [0xc0, 0x80],
  [0xe0, 0x80, 0x80],
  [0xf0, 0x80, 0x80, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xe2, 0x82],
  [0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0xf0, 0x9f, 0x98],
  [0xc3, 0x28],
];

/** Text, arguments, the end of the process, clocks. */
export const texts: Texts = {
  argv: {
    'is a list of texts that begins with the program': (native) => {
      const list = native.argv();
      ok(list.length >= 1 && list.every((argument) => typeof argument === 'string'), 'texts');
    },
  },
  environ: {
    'is KEY=value': (native) => {
      ok(native.environ().includes('OCIRUN_TEST_SURFACE=a=ñ€😀'), 'the variable of the test');
    },
  },
  getenv: {
    'is the value, undefined for what is not there': (native) => {
      equal(native.getenv('OCIRUN_TEST_SURFACE'), 'a=ñ€😀');
      equal(native.getenv('OCIRUN_TEST_EMPTY'), '');
      equal(native.getenv('OCIRUN_TEST_MISSING'), undefined);
    },
  },
  lazy: {
    'a script that is not there is an error': (native) => {
      let thrown = false;
      try {
        native.lazy('ocirun-test-no-such-script');
      } catch {
        thrown = true;
      }
      ok(thrown, 'an error');
    },
  },
  exit: {
    'wants a number': (native) =>
      refuses(() => native.exit('1' as never), 'exit: argument 1 (status) must be a number'),
  },
  encodeText: {
    'gives UTF-8, and lets NUL pass': (native) => {
      equal(native.encodeText(''), []);
      equal(native.encodeText('a\0ñ€😀'), [0x61, 0, 0xc3, 0xb1, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80]);
      equal(native.encodeText(long).length, 5000 * 10);
    },
    'keeps U+FFFD and the byte order mark': (native) => {
      equal(native.encodeText('\ufffd\ufeff'), [0xef, 0xbf, 0xbd, 0xef, 0xbb, 0xbf]);
    },
    'refuses lone surrogates': (native) => {
      for (const text of ['\ud800', 'a\udfff', '\udc00\ud800', `${long}\ud83d`, '\ufffd\ud800', '\ud800\ufffd']) {
        fails(() => native.encodeText(text), 'EILSEQ', 84, 'encodeText');
      }
    },
    'takes texts of every length around its buffer': (native) => {
      for (let length = 500; length < 530; length++) {
        const text = 'x'.repeat(length);
        equal(native.encodeText(text).length, length);
        for (const end of ['ñ', '€y', '😀', 'y😀z'])
          equal(native.decodeText(native.encodeText(text + end)), text + end);
      }
    },
  },
  decodeText: {
    'gives back what was encoded': (native) => {
      const edges = ['\u07ff\u0800\ud7ff\ue000\uffff', '\u{10000}\u{10ffff}'];
      for (const text of ['', 'a\0b', long, '\ufffd', '\ufeffa', ...edges]) {
        equal(native.decodeText(native.encodeText(text)), text);
      }
    },
    'takes a part of an array': (native) => {
      equal(native.decodeText(new Uint8Array([120, 97, 98, 120]).subarray(1, 3)), 'ab');
    },
    'refuses what is not UTF-8': (native) => {
      for (const bytes of wrong) fails(() => native.decodeText(new Uint8Array(bytes)), 'EILSEQ', 84, 'decodeText');
    },
  },
  describeErrno: {
    'has the same words on every host': (native) => {
      equal(native.describeErrno(2), ['ENOENT', 'No such file or directory']);
      equal(native.describeErrno(95), ['EOPNOTSUPP', 'Operation not supported']);
      equal(native.describeErrno(9999)[1], 'unknown error');
    },
  },
  clock: {
    'goes forward': (native) => {
      const [seconds, nanoseconds] = native.clock(1);
      const [later, rest] = native.clock(1);
      ok(later > seconds || (later === seconds && rest >= nanoseconds), 'monotonic');
      ok(native.clock(0)[0] > 1_700_000_000, 'after 2023');
    },
    'an unknown clock is EINVAL': (native) => fails(() => native.clock(99), 'EINVAL', 22, 'clock_gettime'),
  },
};
