import { requireBucket, type Handler } from '../call.ts';
import { checkWriteConditions, readWriteConditions } from './conditions.ts';
import { readObjectMeta, sealed } from './object-meta.ts';
import { publishObject, requireSize, storeBody } from './object-store.ts';

export const putObject: Handler = async (call) => {
  const { bucket, key } = call.request;
  const { store } = call;
  requireBucket(call);
  const meta = readObjectMeta(call.request);
  const conditions = readWriteConditions(call.request);
  const write = store.conflicts.begin(bucket, key);
  try {
    checkWriteConditions(conditions, store.versions.find(bucket, key));
    const declared = requireSize(call);
    const checksum = declared.checksum?.name ?? 'CRC64NVME';
    const blob = sealed(meta, await storeBody(call, declared, checksum));
    return await publishObject(call, blob, {
      checksum,
      asked: declared.checksum !== undefined,
      meta,
      check: () =>
        checkWriteConditions(conditions, store.versions.find(bucket, key), write.deleted),
    });
  } finally {
    write.end();
  }
};
