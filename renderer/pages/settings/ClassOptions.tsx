import { storageClasses, storageClassTerms, type StorageClass } from '#shared/storage-class.ts';

/** Storage classes to choose from, by what they are for. */
export function ClassOptions({ of = storageClasses }: Readonly<{ of?: readonly StorageClass[] }>) {
  return of.map((name) => (
    <option key={name} value={name}>
      {storageClassTerms[name].title} ({name})
    </option>
  ));
}
