/** @file The hashes that hash lists know. */
import { createHash } from 'node:crypto';
import xxhash from 'xxhash-wasm';
import type { HashKind } from '#shared/migration/migration.ts';

/** `digest`: lower-case hexadecimal, for XXH64 its canonical (big-endian) form. */
type Hasher = Readonly<{ update: (piece: Uint8Array) => void; digest: () => string }>;
export type MakeHasher = (kind: HashKind) => Hasher;

const XXH64_DIGITS = 16;

export async function openHashers(): Promise<MakeHasher> {
  const library = await xxhash();
  return (kind) => {
    if (kind !== 'xxh64') {
      const hash = createHash(kind);
      return { update: (piece) => void hash.update(piece), digest: () => hash.digest('hex') };
    }
    const hash = library.create64();
    return {
      update: (piece) => void hash.update(piece),
      digest: () => hash.digest().toString(16).padStart(XXH64_DIGITS, '0'),
    };
  };
}
