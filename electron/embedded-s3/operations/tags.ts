import { requireBucket, readXml, xmlAnswer, type Call, type Handler } from '../call.ts';
import type { Version } from '../store/model.ts';
import { child, childText } from '../xml/reader.ts';
import { element, xmlDocument } from '../xml/writer.ts';
import { versionHeader } from './object-meta.ts';
import { requireVersion } from './object-version.ts';
import { checkTags, type Tags } from './tag-rules.ts';

export const getObjectTagging: Handler = (call) => {
  const { version, headers } = find(call);
  const tags = version.meta.tags.map(([name, value]) =>
    element('Tag', element('Key', name), element('Value', value)),
  );
  return xmlAnswer(xmlDocument('Tagging', element('TagSet', tags)), headers);
};

export const putObjectTagging: Handler = async (call) => {
  find(call);
  const document = await readXml(call, 'Tagging');
  const tags = (child(document, 'TagSet')?.children ?? []).map(
    (tag) => [childText(tag, 'Key') ?? '', childText(tag, 'Value') ?? ''] as const,
  );
  checkTags(tags);
  return { status: 200, headers: await replaceTags(call, tags) };
};

export const deleteObjectTagging: Handler = async (call) => ({
  status: 204,
  headers: await replaceTags(call, []),
});

function replaceTags(call: Call, tags: Tags) {
  return call.store.commit(() => {
    const { version, headers } = find(call);
    call.store.versions.setMeta(version.seq, { ...version.meta, tags });
    return headers;
  });
}

function find(call: Call): { version: Version; headers: ReturnType<typeof versionHeader> } {
  const bucket = requireBucket(call);
  const version = requireVersion(call);
  return { version, headers: versionHeader(version.versionId, bucket.versioning !== '') };
}
