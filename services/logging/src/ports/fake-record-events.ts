import type { RecordEvents } from './record-events.ts';
import type { Removed } from './record-store.ts';

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

  lettersRetried(recorded: number, refused: number): void {
    this.lines.push(`retried ${recorded} recorded ${refused} refused`);
  }

  expired({ rows, months }: Removed): void {
    this.lines.push(`expired ${rows} rows ${months} months`);
  }
}
