/** One kind of program that tests use and that Debian has a package for. */
import { findProgram, installPackages, whyNoPackages } from './debian-packages.mjs';

/**
 * Installs the packages of the programs that are missing, where that is possible.
 *
 * `name` is what the tests run on; `packages` gives the package of each program; `instead` what serves the tests as well,
 * if anything does; `find` looks for a program by name; `told` says what is there and whether it will do; the rest is for
 * the installation, see `installPackages`.
 * @returns false when it failed.
 */
export function provisionPrograms({
  name,
  packages,
  instead,
  find = findProgram,
  told = () => ({ ok: true, text: `${Object.keys(packages).join(' and ')} is there` }),
  ...installation
}) {
  const missing = Object.keys(packages).filter((program) => find(program) === undefined);
  if (missing.length === 0) return tell(told());
  const wanted = [...new Set(missing.map((program) => packages[program]))];
  const obstacle = whyNoPackages();
  if (obstacle !== undefined) {
    const otherwise =
      instead === undefined
        ? `tests on ${name} are skipped (in CI they fail)`
        : `with ${instead} the tests on ${name} run all the same, else they are skipped (in CI they fail)`;
    console.log(`provision: ${missing.join(' and ')} cannot be installed here (${obstacle}); ${otherwise}.`);
    return true;
  }
  console.log(`provision: installing ${wanted.join(' and ')} from the system's packages`);
  try {
    installPackages(wanted, installation);
    return tell(told());
  } catch (error) {
    console.error(
      `provision: ${error.message}\nprovision: tests on ${name} will be skipped (in CI they fail).`,
    );
    return false;
  }
}

function tell({ ok, text }) {
  if (ok) console.log(`provision: ${text}`);
  else console.error(`provision: ${text}.`);
  return ok;
}
