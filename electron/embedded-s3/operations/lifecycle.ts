/** @file The lifecycle rules of a bucket: kept while the server runs and given back; nothing here acts on them. */
import { readXml, requireBucket, xmlAnswer, type Handler } from '../call.ts';
import { S3Error } from '../errors.ts';
import type { Store } from '../store/store.ts';
import type { XmlElement } from '../xml/reader.ts';
import { element, xmlDocument, type Xml } from '../xml/writer.ts';

const kept = new WeakMap<Store, Map<string, XmlElement>>();

export const getBucketLifecycleConfiguration: Handler = (call) => {
  const { name } = requireBucket(call);
  const rules = kept.get(call.store)?.get(name);
  if (rules === undefined)
    throw new S3Error('NoSuchLifecycleConfiguration', undefined, { fields: { BucketName: name } });
  return xmlAnswer(xmlDocument(rules.name, rules.children.map(asRead)));
};

export const putBucketLifecycleConfiguration: Handler = async (call) => {
  const { name } = requireBucket(call);
  const rules = await readXml(call, 'LifecycleConfiguration', 'required');
  if (rules.children.length === 0) throw new S3Error('MalformedXML');
  if (call.switches?.lifecycle === 'ignored') return { status: 200 };
  const all = kept.get(call.store) ?? new Map<string, XmlElement>();
  kept.set(call.store, all.set(name, rules));
  return { status: 200 };
};

export const deleteBucketLifecycle: Handler = (call) => {
  kept.get(call.store)?.delete(requireBucket(call).name);
  return { status: 204 };
};

function asRead({ name, children, text }: XmlElement): Xml {
  return element(name, children.length > 0 ? children.map(asRead) : text);
}
