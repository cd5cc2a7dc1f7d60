/** One export as others see it: how far it is, whether it is to stop, and how it ended. */
export interface ExportJob {
  /** Aborts when somebody cancels it, or when this process stops. */
  readonly signal: AbortSignal;
  /** @param share of the record that has been looked through, 0 to 1 */
  tell(events: number, share: number): void;
  /** Ends it: without an error it has succeeded. Never rejects, and waits only a moment for the store. */
  end(error?: Error): Promise<void>;
}

/** Makes exports visible to others while they run. */
export interface ExportJobs {
  /**
   * @param id of the job; "" makes one
   * @throws ParleyError `invalid_request` for an id that is none, `conflict` when there is a job of that id, `overloaded`
   * when too many exports run here, `unavailable`.
   */
  begin(id: string, subject: string): Promise<ExportJob>;
}
