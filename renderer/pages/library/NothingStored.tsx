import { LibraryBig } from 'lucide-react';
import { Empty } from '../../components/Empty.tsx';
import type { useListing } from '../../hooks/useListing.ts';

/** An empty bucket, one that is being listed, and one that could not be listed are three things. */
export function NothingStored({ listing }: Readonly<{ listing: ReturnType<typeof useListing> }>) {
  const { indexedAtMs, refresh } = listing;
  if (refresh.isPending || indexedAtMs === undefined)
    return (
      <Empty
        icon={LibraryBig}
        title="Listing the bucket…"
        text="This is needed once. A large bucket takes some minutes."
      />
    );
  if (refresh.isError && indexedAtMs === null)
    return (
      <Empty
        icon={LibraryBig}
        title="The bucket has not been listed yet"
        text="What it holds is shown once the storage lets it be listed."
      />
    );
  if (refresh.isError)
    return (
      <Empty
        icon={LibraryBig}
        title="The bucket was empty when it was listed last"
        text="What it holds now is shown once the storage lets it be listed."
      />
    );
  return (
    <Empty
      icon={LibraryBig}
      title="The bucket is empty"
      text="A recording shows up here, under its class, as soon as it is stored and checked."
    />
  );
}
