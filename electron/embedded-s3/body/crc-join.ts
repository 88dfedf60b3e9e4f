/** @file How two cyclic checksums join into one, without reading the data again. */

export type CrcName = 'CRC32' | 'CRC32C' | 'CRC64NVME';

/** Reflected polynomials and widths in bits. */
export const crcShapes: Readonly<Record<CrcName, { polynomial: bigint; bits: number }>> = {
  CRC32: { polynomial: 0xedb88320n, bits: 32 },
  CRC32C: { polynomial: 0x82f63b78n, bits: 32 },
  CRC64NVME: { polynomial: 0x9a6c9329ac4bc9b5n, bits: 64 },
};

/**
 * The checksum of two pieces of data together, from theirs alone.
 *
 * @param secondBytes Length of what `second` covers.
 */
export function joinCrc(name: CrcName, first: Buffer, second: Buffer, secondBytes: number): Buffer {
  const { bits } = crcShapes[name];
  const shifted = multiply(name, fromBytes(first), xToThe8n(name, secondBytes));
  return bigEndian(shifted ^ fromBytes(second), bits / 8);
}

/** `a · b` modulo the polynomial, all bit-reflected. */
function multiply(name: CrcName, a: bigint, b: bigint): bigint {
  const { polynomial, bits } = crcShapes[name];
  let product = 0n;
  let shifted = b;
  for (let mask = 1n << BigInt(bits - 1); mask > 0n; mask >>= 1n) {
    if (a & mask) product ^= shifted;
    shifted = shifted & 1n ? (shifted >> 1n) ^ polynomial : shifted >> 1n;
  }
  return product;
}

const powers = new Map<string, bigint>();

/** x^(8·bytes) modulo the polynomial. Remembers the last few: the parts of one object are alike. */
function xToThe8n(name: CrcName, bytes: number): bigint {
  const remembered = powers.get(`${name} ${bytes}`);
  if (remembered !== undefined) return remembered;
  const one = 1n << BigInt(crcShapes[name].bits - 1);
  let power = one;
  let square = one >> 8n; // x^8
  for (let rest = BigInt(bytes); rest > 0n; rest >>= 1n) {
    if (rest & 1n) power = multiply(name, power, square);
    square = multiply(name, square, square);
  }
  if (powers.size > 64) powers.clear();
  powers.set(`${name} ${bytes}`, power);
  return power;
}

function fromBytes(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`);
}

/** `value` as that many bytes, the highest first. */
export function bigEndian(value: bigint, bytes: number): Buffer {
  return Buffer.from(value.toString(16).padStart(bytes * 2, '0'), 'hex');
}
