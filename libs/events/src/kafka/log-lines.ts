/** Where the event log's own lines go; a pino logger is one. */
export interface LogLines {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

/** For whoever wants no lines. */
export const noLines: LogLines = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
};
