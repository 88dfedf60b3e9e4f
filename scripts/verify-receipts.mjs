/**
 * @file Checks the receipts of a migration: whether each is bound to all before it, none is missing at the
 * end, and the whole is signed. Needs Node and this one file: no network, no other program of ours.
 *
 *     node verify-receipts.mjs RECEIPTS
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/**
 * @param {string} text Of the whole file.
 * @returns {{ receipts: number; head: string; key: string }} `key`: SHA-256 of the public key, to compare with
 *   what the owner of the computer says.
 * @throws {Error} What is wrong, and in which line.
 */
export function checkReceipts(text) {
  const lines = text.split('\n');
  if (lines.pop() !== '' || lines.length < 2) throw new Error('The file is cut off');
  const [first = ''] = lines;
  const { panseaReceipts, planSha256 } = parse(first, 1);
  if (panseaReceipts !== 1)
    throw new Error('Line 1: these are no receipts that this program knows');
  let head = planSha256;
  for (const [at, line] of lines.slice(1, -1).entries()) {
    const { entry, hash } = parse(line, at + 2);
    head = createHash('sha256').update(`${head}\n${entry}`).digest('hex');
    if (hash !== head || line !== JSON.stringify({ entry, hash }))
      throw new Error(`Line ${at + 2}: this receipt, or one before it, is not as it was written`);
  }
  const end = lines.at(-1) ?? '';
  const { receipts, head: told, publicKey, signature } = parse(end, lines.length);
  if (receipts !== lines.length - 2 || told !== head)
    throw new Error(`Line ${lines.length}: receipts are missing before it, or too many`);
  if (end !== JSON.stringify({ receipts, head, publicKey, signature }))
    throw new Error(`Line ${lines.length}: it is not as it was written`);
  const der = Buffer.from(publicKey, 'base64');
  const bytes = Buffer.from(signature, 'base64');
  // Base64 has bits that mean nothing: what was changed in them was changed.
  if (der.toString('base64') !== publicKey || bytes.toString('base64') !== signature)
    throw new Error(`Line ${lines.length}: it is not as it was written`);
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
  if (!verify(null, Buffer.from(`${first}\n${receipts}\n${head}`), key, bytes))
    throw new Error('The signature is not that of these receipts');
  return { receipts, head, key: createHash('sha256').update(der).digest('hex') };
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
    const { receipts, head, key } = checkReceipts(readFileSync(process.argv[2] ?? '', 'utf8'));
    console.log(`${receipts} receipts, unbroken. Last: ${head}\nSigned by the key ${key}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
