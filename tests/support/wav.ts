/** @file A recording that every browser plays: silence with a click in each second. */
const RATE = 8_000;

/** 16 bits, mono, 8 kHz: 16,000 bytes for each second, and a header of 44. */
export function wav(seconds: number): Buffer {
  const samples = Buffer.alloc(seconds * RATE * 2);
  for (let second = 0; second < seconds; second += 1)
    samples.writeInt16LE(20_000, second * RATE * 2);
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + samples.length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(RATE, 24);
  header.writeUInt32LE(RATE * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}
