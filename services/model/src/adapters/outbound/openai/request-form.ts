import type { Dialect } from './dialects.ts';
import type { RemoteSettings } from './remote-settings-schema.ts';

/** How one model is asked. */
export interface RequestForm {
  readonly settings: Pick<RemoteSettings, 'model' | 'omit' | 'abilities'>;
  readonly dialect: Dialect;
  /** False: system messages go into the first user message. */
  readonly systemRole: boolean;
  readonly title: string;
}
