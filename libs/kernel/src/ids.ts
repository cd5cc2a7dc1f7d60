import { v5, v7 } from 'uuid';

/** State is spread over this many slots; a slot's keys live together, so that one commit can be atomic. */
export const shardCount = 64;

/** Namespace of ids derived from names: made once with `uuidgen`, never changed. */
const namespace = '7a1c2f0e-52a6-4a0f-9f0b-2b1f6f3a8c55';

/** A UUIDv7: unique, and sorted by time of making. */
export function newUuid(): string {
  return v7();
}

/** A UUIDv5: the same name always gives the same id. */
export function uuidFromName(name: string): string {
  return v5(name, namespace);
}

/** The id of a turn's terminal event: derived, so that recording it twice is impossible. */
export function terminalEventId(turnId: string): string {
  return uuidFromName(`terminal:${turnId}`);
}

/** The slot of a key, 0 to 63: FNV-1a over its UTF-16 code units, modulo the slot count. */
export function shardOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) {
    hash ^= key.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193) >>> 0;
  }
  return hash % shardCount;
}

/**
 * A public id `<prefix>_<slot>_<32 hex digits>`; it carries its slot, so that a lookup by id knows where to look.
 * @param shard the conversation's slot; without one it follows from the id itself.
 */
export function newPublicId(prefix: string, shard?: number): string {
  const unique = v7().replaceAll('-', '');
  return `${prefix}_${shard ?? shardOf(unique)}_${unique}`;
}

/** The slot a public id carries; undefined when it is not such an id. */
export function shardOfId(id: string): number | undefined {
  const match = /^[a-z]+_(\d{1,2})_[0-9a-f]{32}$/.exec(id);
  const shard = match?.[1] === undefined ? undefined : Number(match[1]);
  return shard !== undefined && shard < shardCount ? shard : undefined;
}
