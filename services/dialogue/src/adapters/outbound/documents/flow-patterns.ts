import { RE2JS } from 're2js';
import type { FaultPath } from '@parley/config';
import type { FlowFaults } from './flow-faults.ts';

type TextTest = (text: string) => boolean;

/** Whether a text as a whole is what the pattern describes. */
export function wholePattern(path: FaultPath, source: string, faults: FlowFaults): TextTest {
  const pattern = compiled(path, source, 0, faults);
  if (pattern?.matcher('').matches() === true) faults.add(path, 'must not match the empty text');
  return (text) => pattern?.matcher(text).matches() === true;
}

/** Whether one of the patterns is found in a text, in capitals or not. */
export function anyPattern(
  path: FaultPath,
  sources: Readonly<Record<string, readonly string[]>>,
  faults: FlowFaults,
): TextTest {
  const patterns = Object.entries(sources).flatMap(([locale, list]) =>
    list.map((source, index) => compiled([...path, locale, index], source, RE2JS.CASE_INSENSITIVE, faults)),
  );
  return (text) => patterns.some((pattern) => pattern?.matcher(text).find() === true);
}

function compiled(path: FaultPath, source: string, flags: number, faults: FlowFaults): RE2JS | undefined {
  try {
    return RE2JS.compile(source, flags);
  } catch (error) {
    faults.add(path, `is no RE2 pattern: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
