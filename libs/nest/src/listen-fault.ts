import { ConfigError } from '@parley/config';

/** Where a server should listen and which variable says so. */
export interface ListenPlace {
  readonly host: string;
  readonly port: number;
  readonly variable: string;
}

/**
 * Makes a failure to listen a fault of the configuration, in words.
 * @throws ConfigError when the address or port cannot be had.
 */
export async function listening<T>(place: ListenPlace, listen: () => Promise<T>): Promise<T> {
  try {
    return await listen();
  } catch (error) {
    const why = explanation(place, error instanceof Error ? error.message : String(error));
    throw why === undefined ? error : new ConfigError([why]);
  }
}

/** grpc-js puts the system's error code only into its text, so the text decides. */
function explanation(
  { host, port, variable }: ListenPlace,
  text: string,
): { variable: string; message: string } | undefined {
  if (text.includes('EADDRINUSE')) {
    return {
      variable,
      message: `port ${port} of ${host} is in use; stop the process that has it, or set another port.`,
    };
  }
  if (text.includes('EACCES'))
    return { variable, message: `port ${port} may not be used by this user; set one above 1023.` };
  if (/EADDRNOTAVAIL|ENOTFOUND/.test(text)) {
    return { variable: 'PARLEY_HOST', message: `${host} is not an address of this machine.` };
  }
  return undefined;
}
