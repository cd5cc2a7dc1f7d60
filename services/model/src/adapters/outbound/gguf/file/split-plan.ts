import { ParleyError } from '@parley/kernel';
import type { GgufTensorInfo } from './gguf-header.ts';

/**
 * Shares out tensors among parts, in their order, so that each part has about as many bytes.
 * @throws ParleyError `invalid_request` when there are fewer tensors than parts.
 */
export function splitPlan(tensors: readonly GgufTensorInfo[], parts: number): GgufTensorInfo[][] {
  if (tensors.length < parts) {
    const message = `It has ${tensors.length} tensors, too few for ${parts} parts.`;
    throw new ParleyError('invalid_request', message);
  }
  const total = tensors.reduce((sum, { bytes }) => sum + bytes, 0);
  const rest = [...tensors];
  let taken = 0;
  return Array.from({ length: parts }, (_, part) => {
    const goal = (total * (part + 1)) / parts;
    // One tensor at least stays for each part that is still to come.
    const most = rest.length - (parts - part - 1);
    const end = rest.findIndex(
      (tensor, at) => at > 0 && (at >= most || taken + before(rest, at) + tensor.bytes / 2 > goal),
    );
    const share = rest.splice(0, part === parts - 1 || end < 0 ? most : end);
    taken += before(share, share.length);
    return share;
  });
}

/** Bytes of the tensors before a place. */
function before(tensors: readonly GgufTensorInfo[], at: number): number {
  return tensors.slice(0, at).reduce((sum, { bytes }) => sum + bytes, 0);
}
