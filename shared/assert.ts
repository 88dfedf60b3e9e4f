/** Ends an exhaustive `switch`: the compiler rejects a call that a forgotten case can still reach. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`);
}
