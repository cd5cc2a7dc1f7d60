/** Counts tokens as the model that will answer counts them. */
export interface ConversationTokens {
  /** One count per text, in order. */
  texts(texts: readonly string[]): Promise<readonly number[]>;
  /** What the model's template adds. */
  overhead(): Promise<TemplateOverhead>;
}

/** Tokens that a template adds to the texts of a conversation. */
export interface TemplateOverhead {
  /** Once, such as the start of the text and the head of the answer. */
  readonly conversation: number;
  readonly perMessage: number;
}
