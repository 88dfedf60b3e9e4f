import { storageClasses, type StorageClass } from '#shared/storage-class.ts';
import { Select } from '../../components/Select.tsx';
import { ClassNotes } from './ClassNotes.tsx';
import { ClassOptions } from './ClassOptions.tsx';

type Props = Readonly<{ value: StorageClass; onChange: (chosen: StorageClass) => void }>;

/** Where the storage keeps a folder's recordings, with what that costs later. */
export function StorageClassField({ value, onChange }: Props) {
  return (
    <details open={value !== 'STANDARD' ? true : undefined}>
      <summary>Storage class</summary>
      <div className="field form-folded">
        <label htmlFor="storage-class">Kept by the storage</label>
        <Select
          id="storage-class"
          value={value}
          aria-describedby="storage-class-hint"
          onChange={(event) => {
            const chosen = storageClasses.find((known) => known === event.target.value);
            if (chosen) onChange(chosen);
          }}
        >
          <ClassOptions />
        </Select>
        <div className="class-notes" id="storage-class-hint">
          <ClassNotes of={value} />
          <p className="hint">
            For recordings that are not on their way yet. What is stored already stays where it is.
          </p>
        </div>
      </div>
    </details>
  );
}
