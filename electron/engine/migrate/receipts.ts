/** @file Receipts of a migration in a file that anybody can check with scripts/verify-receipts.mjs alone. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile, writeNewFile } from '../files/durable-file.ts';
import { toWriteError } from '../files/file-errors.ts';
import type { Plan, PlanStore } from '../store/plans.ts';

/**
 * Writes a plan's receipts, signed with a key that never leaves the home.
 *
 * @returns How many, and the last hash: whoever keeps it elsewhere can tell later that none is missing.
 * @throws AppError `download-exists` · `cannot-write`
 */
export async function writeReceipts(
  plans: PlanStore,
  plan: Plan,
  homePath: string,
  path: string,
): Promise<{ receipts: number; head: string }> {
  const result = { receipts: 0, head: plan.sha256 };
  const { id, sha256, root } = plan;
  const first = JSON.stringify({ panseaReceipts: 1, plan: id, planSha256: sha256, root });
  function* text(): Generator<string> {
    yield `${first}\n`;
    for (const { entry, hash } of plans.receipts(id)) {
      result.receipts += 1;
      result.head = hash;
      yield `${JSON.stringify({ entry, hash })}\n`;
    }
    const key = createPrivateKey(deviceKey(homePath));
    const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
    const signed = Buffer.from(`${first}\n${result.receipts}\n${result.head}`);
    const signature = sign(null, signed, key).toString('base64');
    yield `${JSON.stringify({ ...result, publicKey: publicKey.toString('base64'), signature })}\n`;
  }
  try {
    await writeNewFile(path, text());
  } catch (error) {
    throw toWriteError(error, path);
  }
  return result;
}

/** Ed25519, made when it is first needed. */
function deviceKey(homePath: string): string {
  const file = join(homePath, 'device-key.pem');
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync('ed25519');
    replaceFile(file, String(privateKey.export({ type: 'pkcs8', format: 'pem' })));
  }
  return readFileSync(file, 'utf8');
}
