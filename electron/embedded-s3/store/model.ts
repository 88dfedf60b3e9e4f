/** @file The words the store and its callers share about objects. */
import type { ChecksumName, ChecksumType } from '../body/checksums.ts';

/** What a client said about an object, and what the server found. Stored as JSON. */
export interface ObjectMeta {
  /** Answered as they came: `content-type`, `cache-control`, `x-amz-meta-…` and so on, lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly encryption?: Encryption | undefined;
  readonly storageClass: string;
  readonly tags: readonly (readonly [key: string, value: string])[];
  readonly checksum?: ObjectChecksum;
  readonly restore?: Restore;
}

/** What was asked for of an archived object. Times in Unix milliseconds. */
export interface Restore {
  readonly tier: string;
  readonly readyAtMs: number;
  /** Absent out of Intelligent-Tiering: it has come back for good. */
  readonly endsAtMs?: number;
}

interface Encryption {
  readonly algorithm: string;
  readonly keyId?: string;
}

export interface ObjectChecksum {
  readonly name: ChecksumName;
  readonly type: ChecksumType;
  /** Base64, for a composite one with `-parts`. Absent while an upload is open. */
  readonly value?: string;
  /** False when the client asked for none and the server chose. */
  readonly asked: boolean;
}

export interface Segment {
  readonly number: number;
  readonly file: string;
  readonly sizeBytes: number;
  readonly checksum: string | undefined;
}

export interface NewVersion {
  readonly sizeBytes: number;
  readonly etag: string;
  readonly modifiedMs: number;
  readonly meta: ObjectMeta;
  readonly segments: readonly Segment[];
}

export interface Version {
  readonly seq: number;
  readonly key: string;
  readonly versionId: string;
  readonly latest: boolean;
  readonly marker: boolean;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly modifiedMs: number;
  readonly meta: ObjectMeta;
}

export type Versioning = '' | 'Enabled' | 'Suspended';
/** Where a new version goes, and by which rules. */
export interface Place {
  readonly bucket: string;
  readonly key: string;
  readonly versioning: Versioning;
}
