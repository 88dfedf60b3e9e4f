/** @file The objects of a bucket with all their versions and delete markers. */
import { randomBytes } from 'node:crypto';
import type { Db } from './database.ts';
import type { NewVersion, ObjectMeta, Place, Segment, Version } from './model.ts';

export interface VersionRow {
  seq: number;
  key: Buffer;
  version_id: string;
  latest: number;
  marker: number;
  size_bytes: number;
  etag: string;
  modified_ms: number;
  meta: string;
}

const markerBody: NewVersion = {
  sizeBytes: 0,
  etag: '',
  modifiedMs: 0,
  meta: { headers: {}, storageClass: 'STANDARD', tags: [] },
  segments: [],
};

export type VersionTable = ReturnType<typeof versionTable>;

/** Functions that change the table return the files no version needs any more. Call them in a transaction. */
export function versionTable(db: Db) {
  const current = db.prepare<[string, Buffer], VersionRow>(
    `SELECT * FROM versions WHERE bucket = ? AND key = ? ORDER BY seq DESC LIMIT 1`,
  );
  const byId = db.prepare<[string, Buffer, string], VersionRow>(
    `SELECT * FROM versions WHERE bucket = ? AND key = ? AND version_id = ?`,
  );
  const insert = db.prepare<[string, Buffer, string, number, number, string, number, string]>(
    `INSERT INTO versions (bucket, key, version_id, latest, marker, size_bytes, etag, modified_ms, meta)
     VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?)`,
  );
  const demote = db.prepare<[string, Buffer]>(
    `UPDATE versions SET latest = 0 WHERE bucket = ? AND key = ? AND latest = 1`,
  );
  const promote = db.prepare<[string, Buffer]>(
    `UPDATE versions SET latest = 1 WHERE seq =
     (SELECT seq FROM versions WHERE bucket = ? AND key = ? ORDER BY seq DESC LIMIT 1)`,
  );
  const remove = db.prepare<[number]>(`DELETE FROM versions WHERE seq = ?`);
  const setMeta = db.prepare<[string, number]>(`UPDATE versions SET meta = ? WHERE seq = ?`);
  const insertSegment = db.prepare<[number, number, string, number, string | null]>(
    `INSERT INTO segments (seq, number, file, size_bytes, checksum) VALUES (?, ?, ?, ?, ?)`,
  );
  const segmentRows = db.prepare<
    [number],
    { number: number; file: string; size_bytes: number; checksum: string | null }
  >(`SELECT number, file, size_bytes, checksum FROM segments WHERE seq = ? ORDER BY number`);
  const files = db.prepare<[number], string>(`SELECT file FROM segments WHERE seq = ?`).pluck();

  const find = (bucket: string, key: string, versionId?: string): Version | undefined => {
    const keyBytes = Buffer.from(key);
    const row =
      versionId === undefined
        ? current.get(bucket, keyBytes)
        : byId.get(bucket, keyBytes, versionId);
    return row && toVersion(row);
  };
  const removeVersion = (version: Version | undefined): string[] => {
    if (!version) return [];
    const freed = files.all(version.seq);
    remove.run(version.seq);
    return freed;
  };
  const add = (place: Place, marker: boolean, body: NewVersion) => {
    const key = Buffer.from(place.key);
    const versionId = place.versioning === 'Enabled' ? newVersionId() : 'null';
    const freed = versionId === 'null' ? removeVersion(find(place.bucket, place.key, 'null')) : [];
    demote.run(place.bucket, key);
    const { sizeBytes, etag, modifiedMs } = body;
    const meta = JSON.stringify(body.meta);
    const added = insert.run(
      place.bucket,
      key,
      versionId,
      Number(marker),
      sizeBytes,
      etag,
      modifiedMs,
      meta,
    );
    const seq = Number(added.lastInsertRowid);
    for (const part of body.segments) {
      insertSegment.run(seq, part.number, part.file, part.sizeBytes, part.checksum ?? null);
    }
    return { versionId, freed };
  };

  return {
    /** The newest version, which may be a delete marker, or the one asked for. */
    find,
    segments: (seq: number): Segment[] =>
      segmentRows.all(seq).map((row) => ({
        number: row.number,
        file: row.file,
        sizeBytes: row.size_bytes,
        checksum: row.checksum ?? undefined,
      })),
    put: (place: Place, body: NewVersion) => add(place, false, body),
    /** Deletes as a request without `versionId` does: for good, or by a marker. */
    removeCurrent: (place: Place, nowMs: number) => {
      if (place.versioning !== '') {
        return { ...add(place, true, { ...markerBody, modifiedMs: nowMs }), marker: true };
      }
      const freed = removeVersion(find(place.bucket, place.key));
      promote.run(place.bucket, Buffer.from(place.key));
      return { versionId: undefined, marker: false, freed };
    },
    removeById: (bucket: string, key: string, versionId: string) => {
      const version = find(bucket, key, versionId);
      const freed = removeVersion(version);
      promote.run(bucket, Buffer.from(key));
      return { versionId, marker: version?.marker ?? false, freed };
    },
    setMeta: (seq: number, meta: ObjectMeta) => void setMeta.run(JSON.stringify(meta), seq),
  };
}

function toVersion(row: VersionRow): Version {
  return {
    seq: row.seq,
    key: row.key.toString(),
    versionId: row.version_id,
    latest: row.latest === 1,
    marker: row.marker === 1,
    sizeBytes: row.size_bytes,
    etag: row.etag,
    modifiedMs: row.modified_ms,
    meta: JSON.parse(row.meta) as ObjectMeta, // Written by this file alone.
  };
}

function newVersionId(): string {
  return randomBytes(24).toString('base64url');
}
