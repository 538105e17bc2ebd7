import type { Spec } from '../spec/types.ts';
import { type Refusal, type Warning, broken, noEffect } from './finding.ts';
import { isAmong } from './words.ts';

/** What engines write: no need to look closer. */
const usual = ' 1.0.0 1.0.1 1.0.2 1.0.2-dev 1.1.0 1.1.0+dev 1.2.0 1.2.0+dev 1.2.1 1.3.0 ';

/** The newest major version of the specification that there are rules for: `features` tells it, too. */
const ourMajor = 1;

/** semver.org, "Is there a suggested regular expression": as it stands there, without the groups. */
const semantic =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-(0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*)(\.(0|[1-9]\d*|\d*[a-zA-Z-][\da-zA-Z-]*))*)?(\+[\da-zA-Z-]+(\.[\da-zA-Z-]+)*)?$/;

/** "MUST be in SemVer v2.0.0 format" (config.md "Specification version"). */
export function versionIsSemantic({ ociVersion }: Spec): Refusal[] {
  if (isAmong(usual, ociVersion) || semantic.test(ociVersion)) return [];
  return [
    broken('/ociVersion', `ociVersion "${ociVersion}" is no version in SemVer 2.0.0 format`, {
      expected: 'three numbers, such as 1.3.0',
    }),
  ];
}

/** Compatibility is kept within a major version; no runtime refuses a newer one, as every engine would break. */
export function versionIsOurs({ ociVersion }: Spec): Warning[] {
  if (isAmong(usual, ociVersion) || Number.parseInt(ociVersion, 10) <= ourMajor || !semantic.test(ociVersion))
    return [];
  return [
    noEffect(
      '/ociVersion',
      `ociVersion ${ociVersion} is newer than the specification that ocirun knows (${ourMajor}.x): what is new in it has no effect`,
    ),
  ];
}
