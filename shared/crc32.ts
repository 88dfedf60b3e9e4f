/**
 * @file CRC-32 (ISO-HDLC, as in zlib) of a whole from the CRCs of its pieces: the full-object checksum
 * of a multipart upload costs nothing beyond the checksums of its parts.
 */

const POLYNOMIAL = 0xedb88320;

/**
 * The CRC-32 of A followed by B. Appending B shifts A's remainder by `sizeBytesB` zero bytes, which is a
 * multiplication by x^(8n) modulo the polynomial (M. Adler's method in zlib's crc32_combine).
 */
export function combineCrc32(crcA: number, crcB: number, sizeBytesB: number): number {
  let power = 0x00800000; // x^8 in reflected order: one zero byte.
  let factor = 0x80000000; // x^0: the identity.
  for (let n = sizeBytesB; n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) factor = multiply(factor, power);
    power = multiply(power, power);
  }
  return (multiply(factor, crcA) ^ crcB) >>> 0;
}

/** Product of two reflected polynomials modulo the CRC polynomial. */
function multiply(a: number, b: number): number {
  let product = 0;
  let shifted = b >>> 0;
  for (let mask = 0x80000000; mask !== 0; mask >>>= 1) {
    if ((a & mask) !== 0) product ^= shifted;
    shifted = (shifted & 1) === 1 ? (shifted >>> 1) ^ POLYNOMIAL : shifted >>> 1;
  }
  return product >>> 0;
}
