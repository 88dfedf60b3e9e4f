import { classNotes, storageClassTerms, type StorageClass } from '#shared/storage-class.ts';

/** What keeping recordings in this class brings along, and what of it they could be lost or shut away by. */
export function ClassNotes({ of }: Readonly<{ of: StorageClass }>) {
  const { warning } = storageClassTerms[of];
  return (
    <ul className="class-notes">
      {classNotes(of).map((note) => (
        <li key={note} className={note === warning ? 'wrong-soft' : 'hint'}>
          {note}
        </li>
      ))}
    </ul>
  );
}
