/** Tells the fleet, and whoever else listens, that a user is to be forgotten. */
export interface ErasureFacts {
  /**
   * Resolves with the event's id once it is durable; the record follows when it comes to it.
   * @param endUser as turns carry it
   * @throws ParleyError `unavailable` when the event log or the state store is away.
   */
  erased(tenant: string, endUser: string): Promise<string>;
}
