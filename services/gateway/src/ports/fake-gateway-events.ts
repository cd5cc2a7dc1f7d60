import type { ParleyError } from '@parley/kernel';
import type { EndedRequest, GatewayEvents } from './gateway-events.ts';

/** Remembers how requests ended and what was refused or failed. */
export class FakeGatewayEvents implements GatewayEvents {
  readonly ended: EndedRequest[] = [];
  readonly refusals: ParleyError[] = [];
  readonly failures: ParleyError[] = [];
  slowReaders = 0;

  requestStarted(): void {}
  streamOpened(): void {}
  firstChunkSent(): void {}
  connectionOpened(): void {}
  connectionClosed(): void {}
  interrupted(): void {}

  requestEnded(request: EndedRequest): void {
    this.ended.push(request);
  }

  refused(error: ParleyError): void {
    this.refusals.push(error);
  }

  failed(error: ParleyError): void {
    this.failures.push(error);
  }

  slowReaderClosed(): void {
    this.slowReaders += 1;
  }
}
