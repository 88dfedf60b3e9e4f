/** @file Connection settings typed in the window: a layer under the environment, which wins. */
import { z } from 'zod';
import type { ApiInput } from '#shared/api.ts';
import type { ConnectionView } from '#shared/api-connection.ts';
import { encryptionChoices } from '#shared/encryption.ts';
import { AppError } from '#shared/errors.ts';
import { hasStorageSettings, storageSettings, type Environment } from './settings.ts';
import type { StorageSettings } from './s3/client.ts';
import type { SettingStore } from './store/settings.ts';

/** The operating system's keychain, where there is one. */
export interface KeyVault {
  /** `undefined` when keys may be stored; else why not, in words. */
  refusal(): string | undefined;
  seal(text: string): Promise<Uint8Array>;
  open(sealed: Uint8Array): Promise<string>;
}

const saved = z.object({
  bucket: z.string(),
  region: z.string(),
  endpoint: z.string(),
  profile: z.string(),
  encryption: z.enum(encryptionChoices).default(''),
  kmsKeyId: z.string().default(''),
});
const keys = z.object({ accessKeyId: z.string(), secretAccessKey: z.string() });
type Keys = z.output<typeof keys>;

export function createConnection(
  env: Environment,
  settings: SettingStore,
  vault: KeyVault | undefined,
) {
  const isSet = () => hasStorageSettings(env) || settings.isSet('connection');
  const canKeep = () => vault !== undefined && vault.refusal() === undefined;
  /** Typed where no keychain keeps them: in memory, and gone with the process. */
  let forNow: Keys | undefined;

  /** As the engine is to use them. @throws AppError `settings-missing`, `settings-wrong`, `saved-unreadable` */
  async function storage(): Promise<StorageSettings> {
    if (hasStorageSettings(env)) return storageSettings(env);
    const connection = named('The connection: bucket, region, endpoint and profile', () =>
      settings.get('connection', saved),
    );
    if (connection === undefined) return storageSettings(env);
    const asked = storageSettings({
      ...env,
      AWS_S3_BUCKET: connection.bucket,
      AWS_REGION: connection.region,
      AWS_S3_ENDPOINT_URL: connection.endpoint,
      AWS_PROFILE: connection.profile,
      AWS_S3_ENCRYPTION: connection.encryption,
      AWS_S3_KMS_KEY_ID: connection.kmsKeyId,
    });
    const typed = forNow ?? (await fromVault());
    if (typed === undefined) return asked;
    const { rereadKeys: _, ...rest } = asked;
    return { ...rest, credentials: typed, keysFrom: forNow ? 'window' : 'keychain' };
  }

  /** Never another's instead: recordings could reach another bucket of the same name. */
  async function fromVault(): Promise<Keys | undefined> {
    const sealed = named('The access key and its secret', () =>
      settings.get('sealed_keys', z.string()),
    );
    if (sealed === undefined) return undefined;
    if (vault === undefined)
      throw new AppError(
        'saved-unreadable',
        'The keys are in the keychain, which only the app itself opens',
      );
    const opened = await vault.open(Buffer.from(sealed, 'base64'));
    return named('The access key and its secret', () => keys.parse(JSON.parse(opened)));
  }

  return {
    storage,
    isSet,
    view(): ConnectionView {
      const isFromEnv = hasStorageSettings(env);
      const connection = settings.getIfReadable('connection', saved);
      const from = (name: string, value: string | undefined) =>
        (isFromEnv ? env[name] : value) ?? '';
      const kmsKeyId = from('AWS_S3_KMS_KEY_ID', connection?.kmsKeyId);
      return {
        bucket: from('AWS_S3_BUCKET', connection?.bucket),
        region: from('AWS_REGION', connection?.region) || 'us-east-1',
        endpoint: from('AWS_S3_ENDPOINT_URL', connection?.endpoint),
        profile: from('AWS_PROFILE', connection?.profile),
        encryption:
          from('AWS_S3_ENCRYPTION', connection?.encryption) || (kmsKeyId === '' ? '' : 'aws:kms'),
        kmsKeyId,
        hasKeys:
          forNow !== undefined || settings.getIfReadable('sealed_keys', z.string()) !== undefined,
        canKeepKeys: canKeep(),
        isFixed: isFromEnv,
      };
    },
    /** @throws AppError `settings-wrong` for what the engine could not use, `usage` when the environment decides. */
    async save(input: ApiInput<'saveConnection'>): Promise<void> {
      if (hasStorageSettings(env))
        throw new AppError(
          'usage',
          'The bucket is set in the environment or a .env file, which wins',
        );
      const { keys: typed, ...connection } = input;
      storageSettings({
        AWS_S3_BUCKET: connection.bucket,
        AWS_REGION: connection.region,
        AWS_S3_ENDPOINT_URL: connection.endpoint,
        AWS_S3_ENCRYPTION: connection.encryption,
        AWS_S3_KMS_KEY_ID: connection.kmsKeyId,
      });
      const changes: Record<string, unknown> = { connection };
      if (typed !== null) {
        if (vault !== undefined && canKeep()) {
          const sealed = await vault.seal(JSON.stringify(typed));
          changes['sealed_keys'] = Buffer.from(sealed).toString('base64');
        }
      }
      settings.setAll(changes);
      if (typed !== null) forNow = canKeep() ? undefined : typed;
    },
  };
}

/** Without the cause: a parser's words quote what it read. @throws AppError `saved-unreadable` */
function named<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw new AppError('saved-unreadable', what);
  }
}
