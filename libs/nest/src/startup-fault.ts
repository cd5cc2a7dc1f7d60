import { ConfigError, DocumentError } from '@parley/config';
import { ParleyError } from '@parley/kernel';

/** A failed start in words: what an operator can correct needs no stack trace, a defect does. */
export function startupFaultText(service: string | undefined, fault: unknown): string {
  return `parley${service === undefined ? '' : ` ${service}`}: cannot start. ${bodyOf(fault)}\n`;
}

function bodyOf(fault: unknown): string {
  if (!(fault instanceof Error)) return String(fault);
  const expected =
    fault instanceof ConfigError || fault instanceof DocumentError || fault instanceof ParleyError;
  return expected && (fault as { code?: string }).code !== 'internal'
    ? fault.message
    : (fault.stack ?? fault.message);
}
