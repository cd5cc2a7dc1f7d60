/** One thing that is wrong with the environment. */
export interface ConfigFault {
  /** The environment variable at fault. */
  readonly variable: string;
  /** What was found and what was expected; never the value of a secret. */
  readonly message: string;
}

/** The environment is not usable; carries every fault, so that all can be corrected at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly faults: ConfigFault[];

  constructor(faults: ConfigFault[]) {
    super(
      [
        'The configuration is not valid:',
        ...faults.map((fault) => `  ${fault.variable}: ${fault.message}`),
      ].join('\n'),
    );
    this.faults = faults;
  }
}
