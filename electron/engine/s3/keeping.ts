/** @file How new objects are to be kept, and what a storage says that will not keep them so. */
import type { Encryption } from '#shared/encryption.ts';
import { AppError } from '#shared/errors.ts';

/** Where an object begins. The parts of an upload are encrypted as that was begun. */
const beginnings = new Set([
  'PutObjectCommand',
  'CreateMultipartUploadCommand',
  'CopyObjectCommand',
]);

/**
 * A command's input with the chosen encryption, wherever an object begins and whoever writes it:
 * uploads, forms, the objects of a connection test.
 */
export function encrypted<Input extends object>(
  commandName: string | undefined,
  input: Input,
  encryption: Encryption | undefined,
): Input {
  if (encryption === undefined || !beginnings.has(commandName ?? '')) return input;
  return {
    ...input,
    ServerSideEncryption: encryption.algorithm,
    ...('keyId' in encryption && { SSEKMSKeyId: encryption.keyId }),
  };
}

type Wishes = Readonly<{
  ServerSideEncryption?: string;
  SSEKMSKeyId?: string;
  StorageClass?: string;
}>;

/**
 * The error's own name where the storage refused how an object is to be kept. Ceph's gateway says
 * "invalid argument" of a storage class as of an encryption: of both at once the class is the likelier one.
 *
 * @param input What was asked, as `encrypted` gave it.
 */
export function namedRefusal(error: unknown, input: object): unknown {
  if (!(error instanceof AppError)) return error;
  const { code, message, requestId, cause } = error;
  const { StorageClass, ServerSideEncryption, SSEKMSKeyId }: Wishes = input;
  const name = (cause as Error | undefined)?.name ?? '';
  const isUnclear = code === 'request-refused' && name === 'InvalidArgument';
  const isAboutKeys =
    name.startsWith('KMS.') ||
    ((isUnclear || code === 'not-supported') && /encrypt|kms/i.test(message));
  const told = [StorageClass, ServerSideEncryption, SSEKMSKeyId].filter(Boolean);
  const named = (as: 'class-refused' | 'encryption-refused') =>
    new AppError(as, [...told, message].join(' · '), { cause, requestId });
  if (name === 'InvalidStorageClass') return named('class-refused');
  if (isAboutKeys) return named('encryption-refused');
  if (isUnclear && StorageClass !== undefined) return named('class-refused');
  if (isUnclear && ServerSideEncryption !== undefined) return named('encryption-refused');
  return error;
}
