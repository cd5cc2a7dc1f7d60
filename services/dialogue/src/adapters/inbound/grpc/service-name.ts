/** As `proto/` names the services. */
export const turnsService = 'parley.dialogue.v1.Turns';
export const assistantsService = 'parley.dialogue.v1.Assistants';
export const documentsService = 'parley.common.v1.Documents';
