/** Fails to compile when a union has a member that the code before did not handle. */
export function assertNever(value: never): never {
  throw new Error(`Unhandled value: ${JSON.stringify(value)}`);
}
