import { LibraryBig } from 'lucide-react';
import { Empty } from '../../components/Empty.tsx';
import type { useListing } from '../../hooks/useListing.ts';

/** An empty storage, one that is being listed, and one that could not be listed are three things. */
export function NothingStored({ listing }: Readonly<{ listing: ReturnType<typeof useListing> }>) {
  const { indexedAtMs, refresh } = listing;
  if (refresh.isPending || indexedAtMs === undefined)
    return (
      <Empty
        icon={LibraryBig}
        title="Listing what is stored…"
        text="This is needed once. Many thousands of files take some minutes."
      />
    );
  if (refresh.isError && indexedAtMs === null)
    return (
      <Empty
        icon={LibraryBig}
        title="What is stored is not known yet"
        text="It is shown once the storage lets it be listed."
      />
    );
  if (refresh.isError)
    return (
      <Empty
        icon={LibraryBig}
        title="Nothing was stored when it was listed last"
        text="What is there now is shown once the storage lets it be listed."
      />
    );
  return (
    <Empty
      icon={LibraryBig}
      title="Nothing is stored yet"
      text="A recording shows up here, under its class, as soon as it is stored and checked."
    />
  );
}
