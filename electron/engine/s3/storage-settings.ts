/** @file Which storage, with which keys, and how it is spoken to: all that a connection is opened with. */
import type { Encryption } from '#shared/encryption.ts';
import type { SchoolLimits } from '#shared/school.ts';
import type { SignInSource } from '#shared/sign-in.ts';
import type { Rate } from './upload-limit.ts';

export type GivenKeys = Readonly<{
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  /** When they end, where that is known. */
  expiration?: Date;
}>;

export type StorageSettings = Readonly<{
  bucket: string;
  region: string;
  /** With scheme; `undefined` means AWS itself. */
  endpoint: string | undefined;
  /** Keys given by name; else the SDK's provider chain (profiles, SSO, assume-role, credential_process). */
  credentials: GivenKeys | undefined;
  /** Where `credentials` were found; the environment unless told. */
  keysFrom?: SignInSource;
  /** Looks there again, where that may give others. */
  rereadKeys?: () => GivenKeys | undefined;
  profile: string | undefined;
  /** False asks for certificates not to be looked at; it holds only until `unverifiedUntilMs`. */
  verifyTls: boolean;
  /** Unix milliseconds; see engine/window/unverified.ts. */
  unverifiedUntilMs?: number;
  /** Told that it is made use of, now. */
  onUnverified?: () => void;
  /** A private authority's certificates beside those of the operating system, PEM. */
  ca: string | undefined;
  /** HTTP_PROXY, HTTPS_PROXY, NO_PROXY as the environment has them. */
  proxyEnv: Readonly<Record<string, string>>;
  /** With what new objects are encrypted; `undefined` leaves it to the bucket. */
  encryption?: Encryption | undefined;
  /** What the school holds links and deletions to. */
  limits?: SchoolLimits;
  /** How long nothing may move on a socket, milliseconds; a minute unless told. */
  idleMs?: number;
  /** How what comes by the thousand is sent; the light way unless told. */
  way?: 'light' | 'sdk';
  /** What all uploads together may send; as much as the line takes unless told. */
  bytesPerSecond?: Rate | undefined;
}>;

/** By which a storage is known again. */
export type StoragePlace = Pick<StorageSettings, 'endpoint' | 'bucket' | 'region'>;
