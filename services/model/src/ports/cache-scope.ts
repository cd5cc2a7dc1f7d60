/** Who may reuse what an answer leaves behind. Two prompts share nothing but what both of them put into one domain. */
export interface CacheScope {
  /** Opaque; '' = nobody, not even the next prompt of the same caller. */
  readonly own: string;
  /** Whose the first tokens are, such as an assistant's document; '' = they are the scope's own. */
  readonly shared: string;
  /** How many of the first tokens that is. */
  readonly sharedTokens: number;
}

/**
 * Where reused tokens were: in the conversation's own sequence, in another one, or on disk; `elsewhere`: a remote engine
 * has them.
 */
export type CacheTier = 'sequence' | 'copy' | 'disk' | 'elsewhere';
