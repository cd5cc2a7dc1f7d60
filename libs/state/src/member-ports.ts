/** One living member of a group, such as an instance of a service. */
export interface Member {
  readonly name: string;
  /** What it last said about itself; opaque. */
  readonly body: string;
}

/**
 * Who is there in a group, and what each says about itself. Losable: after a flush every member is there again with its
 * next word.
 */
export interface MemberStore {
  /**
   * Says that a member lives for `ttlMs` more, and what there is to know about it.
   * @returns all members of the group that live now, sorted by name, this one among them.
   */
  announce(group: string, member: Member, ttlMs: number): Promise<Member[]>;
  /** The members that live now, sorted by name. */
  list(group: string): Promise<Member[]>;
  /** Says that a member has gone. */
  leave(group: string, name: string): Promise<void>;
}
