import { ParleyError } from '@parley/kernel';

/** The lowest major version of Node that the services run on. */
export const requiredNodeMajor = 24;

/** @throws ParleyError `config_invalid` when `version` (as in `process.versions.node`) is too old. */
export function checkNodeVersion(version: string): void {
  if (Number(version.split('.')[0]) >= requiredNodeMajor) return;
  const message = `Parley needs Node ${requiredNodeMajor} or newer; this is Node ${version}. Start it by npm start, which brings its own.`;
  throw new ParleyError('config_invalid', message);
}
