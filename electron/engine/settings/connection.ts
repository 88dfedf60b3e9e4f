/** @file Connection settings entered in the window: a layer under the environment, which wins. */
import { v7 } from 'uuid';
import { z } from 'zod';
import type { ApiInput } from '#shared/api.ts';
import { isSamePlace, type ConnectionView, type EnvFileView } from '#shared/api/connection.ts';
import { encryptionChoices } from '#shared/encryption.ts';
import { AppError } from '#shared/errors.ts';
import { lockableSettings } from '#shared/school.ts';
import { keyEndingOf } from '#shared/sign-in.ts';
import { readEnvText, type LineNote } from './env-file.ts';
import {
  mayChange,
  mayConnect,
  noSchool,
  setSettings,
  setVariables,
  type School,
} from '../school/school.ts';
import { hasStorageSettings, keysIn, storageSettings, type Environment } from './settings.ts';
import { shownPlace } from './place.ts';
import { createTypedKeys, named, type KeyVault } from './typed-keys.ts';
import type { GivenKeys, StorageSettings } from '../s3/storage-settings.ts';
import type { SettingStore } from '../store/settings.ts';

const saved = z.object({
  bucket: z.string(),
  region: z.string(),
  endpoint: z.string(),
  profile: z.string(),
  encryption: z.enum(encryptionChoices).default(''),
  kmsKeyId: z.string().default(''),
  useSsl: z.boolean().default(true),
  verifySsl: z.boolean().default(true),
  caFile: z.string().default(''),
});
type Saved = z.output<typeof saved>;

/** What a person was shown of a `.env` file, and may save. */
type Offer = Readonly<{ id: string; connection: Saved; keys: GivenKeys | undefined | 'as before' }>;

export function createConnection(
  env: Environment,
  settings: SettingStore,
  vault: KeyVault | undefined,
  school: () => School = () => noSchool,
  nowMs: () => number = Date.now,
) {
  const isSet = () =>
    hasStorageSettings(env) ||
    settings.isSet('connection') ||
    setSettings(school()).bucket !== undefined;
  const stored = () => settings.getIfReadable('connection', saved);
  const typed = createTypedKeys(settings, vault);
  let offer: Offer | undefined;

  /** As the engine is to use them. @throws AppError `settings-missing`, `settings-wrong`, `saved-unreadable` */
  async function storage(): Promise<StorageSettings> {
    if (hasStorageSettings(env)) return underSchool(env);
    const connection = named('The connection: bucket, region, endpoint and profile', () =>
      settings.get('connection', saved),
    );
    const found = await typed.find();
    return withKeys(connection, found?.keys, found?.from);
  }

  const underSchool = (variables: Environment) =>
    storageSettings({ ...variables, ...setVariables(school()) });

  /** @throws AppError `settings-wrong` */
  function withKeys(
    connection: Saved | undefined,
    keys: GivenKeys | undefined,
    from: StorageSettings['keysFrom'] = 'window',
  ): StorageSettings {
    const asked = underSchool({ ...env, ...variablesOf(connection) });
    if (keys === undefined) return asked;
    const { rereadKeys: _, ...rest } = asked;
    return { ...rest, credentials: keys, keysFrom: from };
  }

  function mustBeFree(): void {
    if (hasStorageSettings(env))
      throw new AppError(
        'usage',
        'The bucket is set in the environment or a .env file, which wins',
      );
  }

  /** @throws AppError `usage` for one that a newer one has replaced. */
  function mustOffer(id: string): Offer {
    if (offer?.id !== id) throw new AppError('usage', 'The file has to be read again');
    return offer;
  }

  /** @param keys `as before` keeps what is stored; `undefined` forgets it. */
  async function put(connection: Saved, keys: Offer['keys'], isAgreed: boolean): Promise<void> {
    mustBeFree();
    mayConnect(school(), connection);
    storageSettings(variablesOf(connection));
    const { changes, commit } =
      keys === 'as before'
        ? { changes: {}, commit: () => {} }
        : keys === undefined
          ? typed.forget()
          : await typed.change(keys, isAgreed, nowMs());
    settings.setAll({ connection, ...changes });
    commit();
  }

  return {
    storage,
    isSet,
    view(): Omit<ConnectionView, 'home'> {
      const isFixed = hasStorageSettings(env);
      const set = setSettings(school());
      const variables = {
        ...(isFixed ? env : variablesOf(stored())),
        ...setVariables(school()),
      };
      const shown = connectionOf(variables);
      return {
        ...shown,
        encryption: variables['AWS_S3_ENCRYPTION'] || (shown.kmsKeyId === '' ? '' : 'aws:kms'),
        hasKeys: typed.isThere(),
        ...typed.store(),
        isFixed,
        setBySchool: lockableSettings.filter((name) => set[name] !== undefined),
      };
    },
    /**
     * @throws AppError `settings-wrong` for what the engine could not use, `keys-unprotected`, `usage` when
     * the environment decides.
     */
    async save(input: ApiInput<'saveConnection'>): Promise<void> {
      const { keys, agreesToUnprotected = false, ...connection } = input;
      const place = shownPlace(connection.bucket, connection.region, connection.endpoint);
      const next = saved.parse({ ...connection, ...place });
      const given = keys ? typedKeys(keys) : asBefore(stored(), next);
      await put(next, given, agreesToUnprotected);
    },
    /** @throws AppError `usage` when the environment decides. */
    async forgetKeys(): Promise<void> {
      mustBeFree();
      mayChange(school());
      const { changes, commit } = typed.forget();
      settings.setAll(changes);
      commit();
    },

    /** What a `.env` file says. It is held for `saveOffer`, secrets included, which never come out again. */
    offer(text: string): EnvFileView {
      mustBeFree();
      mayChange(school());
      const { env: file, notes } = readEnvText(text);
      const hasBucket = Boolean(file['AWS_S3_BUCKET']);
      const before = hasBucket ? undefined : stored();
      const set = setVariables(school());
      const connection = connectionOf({ ...variablesOf(before), ...file, ...set });
      const keys = keysIn(file);
      const kept = hasBucket ? undefined : asBefore(before, connection);
      const missing = connection.bucket === '' ? [noBucket] : [];
      const all = [...missing, ...notes, ...otherThanSet(file, set)];
      offer = { id: v7(), connection, keys: keys ?? kept };
      return {
        id: offer.id,
        isUsable: !all.some(({ isWrong }) => isWrong) && Object.keys(file).length > 0,
        connection: {
          ...connection,
          isAsBefore: !hasBucket,
          areKeysKept: keys === undefined && kept !== undefined,
        },
        keys: keys
          ? {
              keyEnding: keyEndingOf(keys.accessKeyId),
              isTemporary: keys.sessionToken !== undefined,
              endsAtMs: keys.expiration?.getTime() ?? null,
            }
          : null,
        notes: all.map(({ line, name, why, isWrong }) => ({
          line: line ?? null,
          name: name ?? null,
          why,
          isWrong,
        })),
      };
    },
    /** For a test before it is saved. @throws AppError `usage`, `settings-wrong` */
    async offered(id: string): Promise<StorageSettings> {
      const { connection, keys } = mustOffer(id);
      return withKeys(connection, keys === 'as before' ? (await typed.find())?.keys : keys);
    },
    /** @throws AppError as `save` */
    async saveOffer(id: string, isAgreed: boolean): Promise<void> {
      const { connection, keys } = mustOffer(id);
      await put(connection, keys, isAgreed);
      offer = undefined;
    },
    dropOffer: (): void => void (offer = undefined),
  };
}

/** What a file says otherwise than the school has set. */
const otherThanSet = (file: Environment, set: Readonly<Record<string, string>>): LineNote[] =>
  Object.entries(set)
    .filter(([name, value]) => (file[name]?.trim() ?? value) !== value)
    .map(([name]) => ({
      line: undefined,
      name,
      why: 'is set by your school, and stays as it is',
      isWrong: false,
    }));

const noBucket = {
  line: undefined,
  name: 'AWS_S3_BUCKET',
  why: 'is not in it: which bucket is it?',
  isWrong: true,
} as const;

/** Keys that were typed are for the address that they were typed for: no page sends them to another. */
function asBefore(before: Saved | undefined, next: Saved): 'as before' | undefined {
  return isSamePlace(before?.endpoint ?? '', next.endpoint) ? 'as before' : undefined;
}

/** Without what comes along with a paste. */
function typedKeys(typed: NonNullable<ApiInput<'saveConnection'>['keys']>): GivenKeys {
  const sessionToken = typed.sessionToken?.trim();
  return {
    accessKeyId: typed.accessKeyId.trim(),
    secretAccessKey: typed.secretAccessKey.trim(),
    ...(sessionToken ? { sessionToken } : {}),
  };
}

function variablesOf(connection: Saved | undefined): Record<string, string> {
  if (connection === undefined) return {};
  return {
    AWS_S3_BUCKET: connection.bucket,
    AWS_REGION: connection.region,
    AWS_S3_ENDPOINT_URL: connection.endpoint,
    AWS_PROFILE: connection.profile,
    AWS_S3_ENCRYPTION: connection.encryption,
    AWS_S3_KMS_KEY_ID: connection.kmsKeyId,
    // What was not said here may be said in the environment.
    ...(connection.useSsl ? {} : { AWS_S3_USE_SSL: 'false' }),
    ...(connection.verifySsl ? {} : { AWS_S3_VERIFY_SSL: 'false' }),
    ...(connection.caFile === '' ? {} : { AWS_CA_BUNDLE: connection.caFile }),
  };
}

/** Of variables that were found right, or of wrong ones that are only shown. */
function connectionOf(variables: Environment): Saved {
  const from = (name: string) => variables[name]?.trim() ?? '';
  const isOff = (name: string) => ['false', '0', 'no', 'off'].includes(from(name).toLowerCase());
  return {
    ...shownPlace(from('AWS_S3_BUCKET'), from('AWS_REGION'), from('AWS_S3_ENDPOINT_URL')),
    endpoint: from('AWS_S3_ENDPOINT_URL'),
    profile: from('AWS_PROFILE'),
    encryption: encryptionChoices.find((known) => known === from('AWS_S3_ENCRYPTION')) ?? '',
    kmsKeyId: from('AWS_S3_KMS_KEY_ID'),
    useSsl: !isOff('AWS_S3_USE_SSL'),
    verifySsl: !isOff('AWS_S3_VERIFY_SSL'),
    caFile: from('AWS_CA_BUNDLE'),
  };
}
