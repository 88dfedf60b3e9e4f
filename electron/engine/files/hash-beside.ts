/**
 * @file SHA-256 by a thread beside the one that reads, which it takes longer than: see read-large.ts. The
 * pieces go round in memory that both have, in their order, without a message.
 */

/** The reader fills places in turn, and again from the first on. */
export type Ring = Readonly<{
  /** How many pieces were filled, and how many of those are hashed. */
  counts: Int32Array<SharedArrayBuffer>;
  /** How many bytes are in each place; 0 asks for the hash, which is then put there, in hexadecimal. */
  lengths: Int32Array<SharedArrayBuffer>;
  places: readonly Uint8Array<SharedArrayBuffer>[];
}>;

/** What the thread runs until it was asked for the hash. It goes there as text: nothing around it is known to it. */
export function hashPieces(
  { createHash }: typeof import('node:crypto'),
  { counts, lengths, places }: Ring,
): void {
  const [FILLED, HASHED] = [0, 1];
  const sha256 = createHash('sha256');
  for (let piece = 0, bytes = -1; bytes !== 0; piece += 1) {
    while (Atomics.load(counts, FILLED) === piece) Atomics.wait(counts, FILLED, piece);
    const at = piece % places.length;
    const place = places[at]!;
    bytes = lengths[at]!;
    if (bytes > 0) sha256.update(place.subarray(0, bytes));
    else place.set(Buffer.from(sha256.digest('hex'), 'latin1'));
    Atomics.store(counts, HASHED, piece + 1);
    // A reader that waits for room is woken for half of it: for each place it costs more than reading one.
    if (bytes === 0 || at === 0 || at === places.length / 2) Atomics.notify(counts, HASHED);
  }
}
