import type { TurnDocument } from '../domain/turn/turn-document.ts';
import type { TurnRecord } from './turn-record.ts';

/** A record that a test fills. */
export class FakeTurnRecord implements TurnRecord {
  readonly documents = new Map<string, TurnDocument>();
  /** Ids that were asked for. */
  readonly asked: string[] = [];
  failure: Error | undefined;

  async find(turnId: string, tenant: string): Promise<TurnDocument | undefined> {
    this.asked.push(turnId);
    if (this.failure !== undefined) throw this.failure;
    const document = this.documents.get(turnId);
    return document?.subject.tenant === tenant ? document : undefined;
  }
}
