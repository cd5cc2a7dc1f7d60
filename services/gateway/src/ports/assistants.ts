import type { Call } from './call.ts';

/** An assistant of the configuration. */
export interface ListedAssistant {
  readonly name: string;
  readonly version: string;
  /** Locale -> text. */
  readonly title: Readonly<Record<string, string>>;
  readonly description: Readonly<Record<string, string>>;
  /** The alias or model it asks. */
  readonly model: string;
  /** Names of the strategies and flows it uses. */
  readonly strategies: readonly string[];
}

/** Which assistants there are. */
export interface Assistants {
  /** In order of their names. @throws ParleyError `unavailable` when no dialogue instance answers */
  list(call: Call): Promise<readonly ListedAssistant[]>;
}
