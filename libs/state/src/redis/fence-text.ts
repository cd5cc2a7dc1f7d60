import type { Fence } from '../ports.ts';
import { integerOf } from './reply.ts';

/** A fence as the store keeps it: `<epoch>:<counter>`. */
export function fenceText({ epoch, counter }: Fence): string {
  return `${epoch}:${counter}`;
}

/** The fence of such a text. */
export function fenceOf(text: string): Fence {
  const colon = text.lastIndexOf(':');
  return { epoch: text.slice(0, colon), counter: integerOf(text.slice(colon + 1)) };
}
