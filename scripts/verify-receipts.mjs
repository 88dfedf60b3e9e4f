/**
 * @file Checks the receipts of a migration: whether each is bound to all before it, none is missing at the
 * end, and the whole is signed. Needs Node and this one file: no network, no other program of ours.
 *
 *     node verify-receipts.mjs RECEIPTS
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { createReadStream, realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/**
 * @param {AsyncIterable<string> | Iterable<string>} pieces Of the whole file, which may be longer than a string can be.
 * @returns {Promise<{ receipts: number; head: string; key: string }>} `key`: SHA-256 of the public key, to
 *   compare with what the owner of the computer says.
 * @throws {Error} What is wrong, and in which line.
 */
export async function checkReceipts(pieces) {
  let first = '';
  let head = '';
  let end = '';
  let number = 0;
  for await (const line of linesOf(pieces)) {
    // The one before was not the last: it is the first, or a receipt.
    if (number > 1) head = next(head, end, number);
    number += 1;
    end = line;
    if (number > 1) continue;
    const { panseaReceipts, planSha256 } = parse(line, 1);
    if (panseaReceipts !== 1)
      throw new Error('Line 1: these are no receipts that this program knows');
    first = line;
    head = planSha256;
  }
  if (number < 2) throw new Error('The file is cut off');
  const { receipts, head: told, publicKey, signature } = parse(end, number);
  if (receipts !== number - 2 || told !== head)
    throw new Error(`Line ${number}: receipts are missing before it, or too many`);
  if (end !== JSON.stringify({ receipts, head, publicKey, signature }))
    throw new Error(`Line ${number}: it is not as it was written`);
  const der = Buffer.from(publicKey, 'base64');
  const bytes = Buffer.from(signature, 'base64');
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  const written = key.export({ format: 'der', type: 'spki' }).toString('base64');
  // Base64, and a key in DER, have bits that mean nothing: what was changed in them was changed.
  if (written !== publicKey || bytes.toString('base64') !== signature)
    throw new Error(`Line ${number}: it is not as it was written`);
  if (!verify(null, Buffer.from(`${first}\n${receipts}\n${head}`), key, bytes))
    throw new Error('The signature is not that of these receipts');
  return { receipts, head, key: createHash('sha256').update(der).digest('hex') };
}

/**
 * @param {string} before
 * @param {string} line
 * @param {number} number
 */
function next(before, line, number) {
  const { entry, hash } = parse(line, number);
  const head = createHash('sha256').update(`${before}\n${entry}`).digest('hex');
  if (hash !== head || line !== JSON.stringify({ entry, hash }))
    throw new Error(`Line ${number}: this receipt, or one before it, is not as it was written`);
  return head;
}

/** @param {AsyncIterable<string> | Iterable<string>} pieces */
async function* linesOf(pieces) {
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') throw new Error('The file is cut off');
}

/**
 * @param {string} line
 * @param {number} number
 */
function parse(line, number) {
  try {
    return JSON.parse(line);
  } catch {
    throw new Error(`Line ${number}: it cannot be read`);
  }
}

// Also under a Node that does not tell a program whether it is the main one.
if (pathToFileURL(realpathSync(process.argv[1] ?? '')).href === import.meta.url) {
  try {
    const file = createReadStream(process.argv[2] ?? '', 'utf8');
    const { receipts, head, key } = await checkReceipts(file);
    console.log(`${receipts} receipts, unbroken. Last: ${head}\nSigned by the key ${key}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
