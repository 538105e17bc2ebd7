import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const top = new URL('..', import.meta.url).pathname.replace(/\/$/, '');

/** How the config of each operation that has a bundle comes about, and what its container runs. */
const kinds = {
  create: { payload: 'sleep', config: defaultConfig },
  run: { payload: 'true', config: defaultConfig },
  'run-engine': { payload: 'true', config: engineConfig('podman') },
  'run-docker': { payload: 'true', config: engineConfig('docker') },
  'run-paths': { payload: 'true', config: hidingConfig },
  'run-seccomp': { payload: 'true', config: filteredConfig },
};

/** The bundles of one runtime: `folder`/`subject`-`operation`. */
export function makeBundles(folder, subject, { runc, cgroup }) {
  for (const [operation, { payload, config: make }] of Object.entries(kinds)) {
    const bundle = `${folder}/${subject}-${operation}`;
    mkdirSync(`${bundle}/rootfs/bin`, { recursive: true });
    copyFileSync(`${top}/build/bench/payload`, `${bundle}/rootfs/bin/${payload}`);
    chmodSync(`${bundle}/rootfs/bin/${payload}`, 0o755);
    const config = make(bundle, runc);
    config.process.terminal = false;
    config.process.args = [`/bin/${payload}`];
    config.linux.cgroupsPath = `${cgroup}/${subject}-${operation}`;
    writeFileSync(`${bundle}/config.json`, JSON.stringify(config, null, '\t'));
  }
}

/** `runc spec`. */
function defaultConfig(bundle, runc) {
  execFileSync(runc, ['spec', '--bundle', bundle]);
  return JSON.parse(readFileSync(`${bundle}/config.json`, 'utf8'));
}

/** What an engine asked for, see bench/configs/README.md; with something at the place of each bind source. */
function engineConfig(engine) {
  return (bundle) => {
    const text = readFileSync(`${top}/bench/configs/${engine}-30-mounts.json`, 'utf8');
    const config = JSON.parse(text.replaceAll('@BUNDLE@', bundle));
    for (const { source } of config.mounts.filter(({ type }) => type === 'bind')) {
      const isDirectory = /\/(v\d+|shm)$/.test(source);
      mkdirSync(isDirectory ? source : dirname(source), { recursive: true });
      if (!isDirectory) writeFileSync(source, '');
    }
    return config;
  };
}

/** The default one with Docker's profile, see bench/configs/README.md. */
function filteredConfig(bundle, runc) {
  const config = defaultConfig(bundle, runc);
  config.linux.seccomp = JSON.parse(readFileSync(`${top}/bench/configs/docker-seccomp.json`, 'utf8'));
  return config;
}

/** The default one with 100 more paths to hide, files and directories, and 100 more to make read-only. */
function hidingConfig(bundle, runc) {
  const config = defaultConfig(bundle, runc);
  for (let index = 0; index < 100; index++) {
    const [hidden, kept] = [`/hidden/${index}`, `/kept/${index}`];
    mkdirSync(`${bundle}/rootfs${kept}`, { recursive: true });
    mkdirSync(`${bundle}/rootfs${index % 2 ? hidden : '/hidden'}`, { recursive: true });
    if (index % 2 === 0) writeFileSync(`${bundle}/rootfs${hidden}`, '');
    config.linux.maskedPaths.push(hidden);
    config.linux.readonlyPaths.push(kept);
  }
  return config;
}
