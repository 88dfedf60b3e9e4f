/**
 * @file The cyclic checksums of S3.
 *
 * CRC-32 is in Node. CRC-32C and CRC-64/NVME are computed here with eight tables ("slicing by
 * eight"), about 1 GB/s in plain JavaScript, which is faster than the MD5 every ETag needs.
 */
import { crc32 } from 'node:zlib';
import { bigEndian, crcShapes, type CrcName } from './crc-join.ts';

export interface Hasher {
  update(chunk: Uint8Array): void;
  /** The checksum, big endian, as S3 writes it before base64. Call once. */
  digest(): Buffer;
}

export function crcHasher(name: CrcName): Hasher {
  if (name === 'CRC32') {
    let value = 0;
    return {
      update: (chunk) => {
        value = crc32(chunk, value);
      },
      digest: () => bigEndian(BigInt(value), 4),
    };
  }
  const state = { low: -1, high: -1 };
  const step = name === 'CRC32C' ? updateCrc32c : updateCrc64;
  return {
    update: (chunk) => step(state, chunk),
    digest: () => {
      const digest = Buffer.alloc(8);
      digest.writeInt32BE(~state.high, 0);
      digest.writeInt32BE(~state.low, 4);
      return name === 'CRC32C' ? digest.subarray(4) : digest;
    },
  };
}

/** The low and high halves of `8 × 256` table entries, entry `256 * k + b` being byte `b` followed by `k` zero bytes. */
function sliceTables(name: CrcName): { low: Int32Array; high: Int32Array } {
  const { polynomial } = crcShapes[name];
  const low = new Int32Array(2048);
  const high = new Int32Array(2048);
  const entries: bigint[] = [];
  for (let index = 0; index < 2048; index += 1) {
    const before = entries[index - 256];
    let value = BigInt(index);
    if (before === undefined) {
      for (let bit = 0; bit < 8; bit += 1)
        value = value & 1n ? (value >> 1n) ^ polynomial : value >> 1n;
    } else {
      value = (before >> 8n) ^ (entries[Number(before & 255n)] ?? 0n);
    }
    entries.push(value);
    low[index] = Number(BigInt.asIntN(32, value));
    high[index] = Number(BigInt.asIntN(32, value >> 32n));
  }
  return { low, high };
}

const castagnoli = sliceTables('CRC32C').low;
const { low: nvmeLow, high: nvmeHigh } = sliceTables('CRC64NVME');

interface CrcState {
  low: number;
  high: number;
}

/** Every index below is masked to the table's size, so no read can miss. */
function at(table: Int32Array, index: number): number {
  return table[index] as number;
}

function updateCrc32c(state: CrcState, chunk: Uint8Array): void {
  const t = castagnoli;
  let crc = state.low;
  const { head, words, tail } = split(chunk);
  for (const byte of head) crc = (crc >>> 8) ^ at(t, (crc ^ byte) & 255);
  for (let i = 0; i < words.length; i += 2) {
    const a = crc ^ at(words, i);
    const b = at(words, i + 1);
    crc =
      at(t, 1792 + (a & 255)) ^
      at(t, 1536 + ((a >>> 8) & 255)) ^
      at(t, 1280 + ((a >>> 16) & 255)) ^
      at(t, 1024 + (a >>> 24)) ^
      at(t, 768 + (b & 255)) ^
      at(t, 512 + ((b >>> 8) & 255)) ^
      at(t, 256 + ((b >>> 16) & 255)) ^
      at(t, b >>> 24);
  }
  for (const byte of tail) crc = (crc >>> 8) ^ at(t, (crc ^ byte) & 255);
  state.low = crc;
}

function updateCrc64(state: CrcState, chunk: Uint8Array): void {
  const l = nvmeLow;
  const h = nvmeHigh;
  const { head, words, tail } = split(chunk);
  stepBytes(state, head);
  let { low, high } = state;
  for (let i = 0; i < words.length; i += 2) {
    const a = low ^ at(words, i);
    const b = high ^ at(words, i + 1);
    const i0 = 1792 + (a & 255);
    const i1 = 1536 + ((a >>> 8) & 255);
    const i2 = 1280 + ((a >>> 16) & 255);
    const i3 = 1024 + (a >>> 24);
    const i4 = 768 + (b & 255);
    const i5 = 512 + ((b >>> 8) & 255);
    const i6 = 256 + ((b >>> 16) & 255);
    const i7 = b >>> 24;
    low = at(l, i0) ^ at(l, i1) ^ at(l, i2) ^ at(l, i3) ^ at(l, i4) ^ at(l, i5) ^ at(l, i6);
    low ^= at(l, i7);
    high = at(h, i0) ^ at(h, i1) ^ at(h, i2) ^ at(h, i3) ^ at(h, i4) ^ at(h, i5) ^ at(h, i6);
    high ^= at(h, i7);
  }
  state.low = low;
  state.high = high;
  stepBytes(state, tail);
}

function stepBytes(state: CrcState, bytes: Uint8Array): void {
  for (const byte of bytes) {
    const index = (state.low ^ byte) & 255;
    state.low = ((state.low >>> 8) | (state.high << 24)) ^ at(nvmeLow, index);
    state.high = (state.high >>> 8) ^ at(nvmeHigh, index);
  }
}

/** Cuts `chunk` into aligned pairs of little-endian words and the odd bytes around them. */
function split(chunk: Uint8Array): { head: Uint8Array; words: Int32Array; tail: Uint8Array } {
  const headBytes = (4 - (chunk.byteOffset & 3)) & 3;
  const pairs = (chunk.length - headBytes) >> 3;
  if (pairs <= 0) return { head: chunk, words: new Int32Array(0), tail: chunk.subarray(0, 0) };
  return {
    head: chunk.subarray(0, headBytes),
    words: new Int32Array(chunk.buffer, chunk.byteOffset + headBytes, pairs * 2),
    tail: chunk.subarray(headBytes + pairs * 8),
  };
}
