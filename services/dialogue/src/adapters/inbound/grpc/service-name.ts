/** As `proto/` names the service. */
export const turnsService = 'parley.dialogue.v1.Turns';
