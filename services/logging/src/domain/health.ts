/** Whether one part of the service works; `reason` says why it does not. */
export interface Health {
  readonly ok: boolean;
  readonly reason?: string;
}
