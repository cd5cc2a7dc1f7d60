import type { RecordEvents } from './record-events.ts';

/** Keeps what it is told, as short lines in order. */
export class FakeRecordEvents implements RecordEvents {
  readonly lines: string[] = [];

  stored({ id }: { id: string }): void {
    this.lines.push(`stored ${id}`);
  }

  duplicate({ id }: { id: string }): void {
    this.lines.push(`duplicate ${id}`);
  }

  deadLettered({ eventId, reason }: { eventId: string; reason: string }): void {
    this.lines.push(`dead ${eventId} ${reason}`);
  }

  expired(rows: number): void {
    this.lines.push(`expired ${rows}`);
  }
}
