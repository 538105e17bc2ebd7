import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { conformance } from '../lib/conformance.ts';
import type { Sandbox } from '../lib/sandbox.ts';

const scope = { only: 'ocirun' } as const;

interface Listed {
  readonly file: string;
  readonly errors: number;
  readonly warnings: number;
  readonly findings: readonly Record<string, unknown>[];
}

const bundleWith = (box: Sandbox, text: string): string => {
  const bundle = box.bundle();
  writeFileSync(join(bundle, 'config.json'), text);
  return bundle;
};

const bad = `{
  "ociVersion": "1.3.0",
  "root": { "path": "rootfs" },
  "process": {
    "cwd": "/tmp",
    "args": ["sh"],
    "rlimits": [{ "type": "RLIMIT_NOFILE", "soft": 18446744073709551616, "hard": 18446744073709551615 }],
    "noNewPriviliges": true,
    "cwd": "tmp"
  },
  "linux": { "namespaces": [{ "type": "netwrok" }, { "type": "mount" }] }
}
`;

const limit = 'must be at most 18446744073709551615, not 18446744073709551616';

conformance(
  'validate: everything is said at once, each with its place, what was found, what is expected, what was meant',
  (t, box) => {
    const bundle = bundleWith(box, bad);
    const { status, stdout, stderr } = box.call(['validate', bundle]);
    t.equal(status, 1);
    t.equal(stderr, '');
    const lines = stdout.trimEnd().split('\n');
    t.strictSame(
      lines.filter((line) => !line.startsWith(' ')).map((line) => line.replace(`${bundle}/`, '')),
      [
        `config.json:7:52: error E_CONFIG_SCHEMA /process/rlimits/0/soft: ${limit}`,
        'config.json:8:5: warning E_CONFIG_UNKNOWN_KEY /process/noNewPriviliges: ' +
          'the specification knows no property "noNewPriviliges" here: it is ignored',
        'config.json:9:5: warning E_CONFIG_DUPLICATE_KEY /process/cwd: ' +
          '"cwd" stands here again, after line 5: the last one counts',
        'config.json:9:12: error E_CONFIG_RULE /process/cwd: Cwd must be an absolute path',
        'config.json:11:39: error E_CONFIG_SCHEMA /linux/namespaces/0/type: ' +
          'must be one of mount, pid, network, uts, ipc, user, cgroup, time, not "netwrok"',
        'config.json: 3 errors, 2 warnings',
      ],
    );
    t.match(stdout, '    found: 18446744073709551616\n    expected: an integer from 0 to 18446744073709551615');
    t.match(stdout, '    hint: did you mean "network"?');
    t.match(stdout, '    hint: did you mean "noNewPrivileges"?');
  },
  scope,
);

conformance(
  'validate: the same as JSON, for programs',
  (t, box) => {
    const bundle = bundleWith(box, bad);
    const { status, stdout } = box.call(['validate', '--format', 'json', '--bundle', bundle]);
    t.equal(status, 1);
    const listed = JSON.parse(stdout) as Listed;
    t.match(listed, { file: `${bundle}/config.json`, errors: 3, warnings: 2 });
    t.match(listed.findings[0], {
      severity: 'error',
      code: 'E_CONFIG_SCHEMA',
      location: `${bundle}/config.json:7:52`,
      line: 7,
      column: 52,
      pointer: '/process/rlimits/0/soft',
      message: limit,
      found: '18446744073709551616',
      expected: /^an integer from 0 to 18446744073709551615: /,
    });
    t.match(listed.findings[3], { rule: 'cwdIsAbsolute', found: '"tmp"' });
    t.match(listed.findings[4], { hint: 'did you mean "network"?' });
  },
  scope,
);

conformance(
  'validate: warnings are errors to --strict alone',
  (t, box) => {
    const bundle = box.bundle((c) => void (c['org.example'] = 1));
    const lenient = box.call(['validate'], { cwd: bundle });
    t.equal(lenient.status, 0);
    t.match(lenient.stdout, /^config\.json:\d+:\d+: warning E_CONFIG_UNKNOWN_KEY \/org\.example: /m);
    const strict = box.call(['validate', '--strict'], { cwd: bundle });
    t.equal(strict.status, 1);
    t.match(strict.stdout, /^config\.json:\d+:\d+: error E_CONFIG_UNKNOWN_KEY \/org\.example: /m);
    t.notMatch(strict.stdout, ': warning ');
  },
  scope,
);

conformance(
  'validate: needs no privileges, and nothing but config.json',
  (t, box) => {
    const bundle = box.bundle();
    rmSync(join(bundle, 'rootfs'), { recursive: true });
    for (const path of [box.directory, bundle]) chmodSync(path, 0o755);
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    const { status, stdout, stderr } = box.plain(['validate', bundle], { through: nobody });
    t.equal(status, 0, stdout + stderr);
    t.match(stdout, /config\.json: 0 errors, \d+ warnings?\n$/);
  },
  scope,
);

conformance(
  'validate: a file that cannot be read is a finding, too',
  (t, box) => {
    const bundle = bundleWith(box, '{\n  "a": "\\ud800", }');
    const list = (): Listed => JSON.parse(box.call(['validate', '-f', 'json', bundle]).stdout) as Listed;
    t.match(list(), { errors: 1, findings: [{ code: 'E_CONFIG_JSON', line: 2, column: 18, message: /^not JSON: / }] });
    writeFileSync(join(bundle, 'config.json'), Buffer.from([0x7b, 0x0a, 0xff]));
    t.match(list(), { errors: 1, findings: [{ code: 'E_CONFIG_JSON', line: 2, column: 1, message: /^not UTF-8: / }] });
    rmSync(join(bundle, 'config.json'));
    t.match(list(), {
      errors: 1,
      findings: [{ code: 'E_CONFIG_READ', hint: /ocirun spec/, location: /config\.json$/ }],
    });
  },
  scope,
);

conformance(
  'validate: a wrong command line is told',
  (t, box) => {
    const bundle = box.bundle();
    t.match(box.call(['validate', '--bundle', bundle, bundle]), { status: 1, stderr: /named twice/ });
    t.match(box.call(['validate', '--format', 'yaml', bundle]), { status: 1, stderr: /invalid format option: yaml/ });
    t.match(box.call(['validate', bundle, bundle]), { status: 1, stderr: /a maximum of 1 argument/ });
  },
  scope,
);

conformance(
  'create says of each error what validate says of it; the log’s last line has them all',
  (t, box) => {
    const bundle = bundleWith(box, bad);
    const { status, stderr } = box.call([
      '--log',
      box.path('log'),
      '--log-format',
      'json',
      'create',
      '--bundle',
      bundle,
      box.id(),
    ]);
    t.equal(status, 1);
    const lines = stderr.trimEnd().split('\n');
    t.equal(lines.length, 3);
    for (const line of lines) t.match(line, /^ocirun create failed: config\.json:\d+:\d+ \/\S+: /);
    const records = readFileSync(box.path('log'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { msg: string; level: string });
    const errors = records.filter(({ level }) => level === 'error');
    t.strictSame(
      errors.slice(0, -1).map(({ msg }) => msg),
      lines,
    );
    const all = lines.map((line) => line.replace('ocirun create failed: ', '')).join('; ');
    t.equal(errors.at(-1)?.msg, `ocirun create failed: ${all}`);
    t.match(errors.at(-1), {
      code: 'E_CONFIG_SCHEMA',
      pointer: '/process/rlimits/0/soft',
      found: '18446744073709551616',
    });
    t.strictSame(box.ids(), []);
  },
  scope,
);
