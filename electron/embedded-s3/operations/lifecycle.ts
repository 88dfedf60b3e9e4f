/** @file The lifecycle rules of a bucket: kept while the server runs, given back, and told of with objects; nothing here acts on them. */
import { readXml, requireBucket, xmlAnswer, type Handler } from '../call.ts';
import { S3Error } from '../errors.ts';
import type { Version } from '../store/model.ts';
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

const DAY_MS = 86_400_000;

/**
 * What an object's answers say once a rule would delete it: the midnight after its days are over, and the
 * rule. Rules that choose by more than a prefix are passed over. From the S3 API page of HeadObject.
 */
export function expirationHeader(store: Store, bucket: string, { key, modifiedMs }: Version) {
  const rules = kept.get(store)?.get(bucket)?.children ?? [];
  for (const rule of rules) {
    const filter = at(rule, 'Filter') ?? rule;
    const isForAll = filter === rule || filter.children.every(({ name }) => name === 'Prefix');
    const days = Number(at(at(rule, 'Expiration'), 'Days')?.text);
    const isOn = at(rule, 'Status')?.text === 'Enabled' && isForAll && days > 0;
    if (!isOn || !key.startsWith(at(filter, 'Prefix')?.text ?? '')) continue;
    const date = new Date((Math.ceil(modifiedMs / DAY_MS) + days) * DAY_MS).toUTCString();
    const id = encodeURIComponent(at(rule, 'ID')?.text ?? '');
    return { 'x-amz-expiration': `expiry-date="${date}", rule-id="${id}"` };
  }
  return {};
}

function at(parent: XmlElement | undefined, wanted: string): XmlElement | undefined {
  return parent?.children.find(({ name }) => name === wanted);
}

function asRead({ name, children, text }: XmlElement): Xml {
  return element(name, children.length > 0 ? children.map(asRead) : text);
}
