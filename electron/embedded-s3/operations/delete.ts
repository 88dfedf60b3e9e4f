import { readXml, requireBucket, xmlAnswer, type Call, type Handler } from '../call.ts';
import { S3Error } from '../errors.ts';
import { childText } from '../xml/reader.ts';
import { element, xmlDocument, type Xml } from '../xml/writer.ts';
import { checkWriteConditions, readWriteConditions, type WriteConditions } from './conditions.ts';

const MAX_DELETES = 1000;

interface Target {
  readonly key: string;
  readonly versionId: string | undefined;
  readonly conditions: WriteConditions | undefined;
}

/** Succeeds for a key that is not there, too. */
export const deleteObject: Handler = async (call) => {
  requireBucket(call);
  const target = {
    key: call.request.key,
    versionId: call.request.query.get('versionId'),
    conditions: readWriteConditions(call.request),
  };
  const removed = await call.store.commit((freed) => removeOne(call, target, freed));
  return {
    status: 204,
    headers: {
      'x-amz-delete-marker': removed.marker ? 'true' : undefined,
      'x-amz-version-id': removed.versionId,
    },
  };
};

export const deleteObjects: Handler = async (call) => {
  requireBucket(call);
  const document = await readXml(call, 'Delete', 'required');
  const isQuiet = childText(document, 'Quiet')?.trim() === 'true';
  const targets = document.children
    .filter((object) => object.name === 'Object')
    .map((object): Target => {
      const key = childText(object, 'Key');
      const etag = childText(object, 'ETag');
      if (key === undefined || key === '') throw new S3Error('MalformedXML');
      const conditions = etag === undefined ? undefined : { ifMatch: etag, ifNoneMatch: false };
      return { key, versionId: childText(object, 'VersionId'), conditions };
    });
  if (targets.length === 0 || targets.length > MAX_DELETES) throw new S3Error('MalformedXML');
  const results = await call.store.commit((freed) =>
    targets.map((target) => describe(call, target, freed, isQuiet)),
  );
  return xmlAnswer(xmlDocument('DeleteResult', results));
};

function describe(call: Call, target: Target, freed: string[], isQuiet: boolean): Xml | undefined {
  const { key, versionId } = target;
  try {
    const removed = removeOne(call, target, freed);
    if (isQuiet) return undefined;
    return element(
      'Deleted',
      element('Key', key),
      element('VersionId', versionId),
      element('DeleteMarker', removed.marker || undefined),
      element('DeleteMarkerVersionId', removed.marker ? removed.versionId : undefined),
    );
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
    return element(
      'Error',
      element('Key', key),
      element('VersionId', versionId),
      element('Code', error.code),
      element('Message', error.message),
    );
  }
}

function removeOne(call: Call, { key, versionId, conditions }: Target, freed: string[]) {
  const { versions, conflicts } = call.store;
  const { name, versioning } = requireBucket(call);
  checkWriteConditions(conditions, versions.find(name, key));
  const removed =
    versionId === undefined
      ? versions.removeCurrent({ bucket: name, key, versioning }, call.nowMs)
      : versions.removeById(name, key, versionId);
  conflicts.noteDelete(name, key);
  freed.push(...removed.freed);
  return removed;
}
