import { checkPortFree, dataFolderAt, dataFolderFault, readFleetFile } from '@parley/fleet';
import type { Finding } from './finding.ts';

/** Whether a fleet could run on this data folder and port. */
export async function placeFindings(data: string, port: number): Promise<Finding[]> {
  return [dataFolder(data), await httpPort(data, port)];
}

function dataFolder(data: string): Finding {
  const fault = dataFolderFault(data);
  const detail = fault === undefined ? data : `${data}: ${fault}`;
  const hint = 'Choose another with --data or PARLEY_DATA.';
  return { name: 'Data folder', ok: fault === undefined, required: true, detail, hint };
}

async function httpPort(data: string, port: number): Promise<Finding> {
  const name = 'HTTP port';
  if (port === 0) return { name, ok: true, required: true, detail: 'a free one' };
  try {
    await checkPortFree(port);
    return { name, ok: true, required: true, detail: `${port} is free` };
  } catch (error) {
    const running = readFleetFile(dataFolderAt(data).fleetFile);
    if (running?.url.endsWith(`:${port}`) === true) {
      return { name, ok: true, required: true, detail: `${port} is used by the fleet on this data folder` };
    }
    const hint = 'Choose another with --port or PARLEY_PORT; 0 takes a free one.';
    return {
      name,
      ok: false,
      required: true,
      detail: error instanceof Error ? (error.message.split('.')[0] ?? '') : String(error),
      hint,
    };
  }
}
