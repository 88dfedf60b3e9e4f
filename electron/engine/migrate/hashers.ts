/** @file The hashes that hash lists know. SHA-256 is none of them: https://github.com/ascmitc/mhl/issues/142 */
import { createHash } from 'node:crypto';
import xxhash from 'xxhash-wasm';

export const hashKinds = ['xxh64', 'md5', 'sha1'] as const;
export type HashKind = (typeof hashKinds)[number];

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
