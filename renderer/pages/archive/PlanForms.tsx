/** @file What a plan is made from, and how one that is there already is opened. */
import { useState } from 'react';
import type { ApiInput } from '#shared/api.ts';
import { pathId } from '#shared/recording.ts';
import { api } from '../../api.ts';
import { Choices } from '../../components/Choices.tsx';
import { PathField } from '../../components/PathField.tsx';
import { TextField } from '../../components/TextField.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { isZone, ownZone, zones } from '../../words/time.ts';
import { MappingExample, TimetableExample } from './Examples.tsx';
import { StepForm } from './StepForm.tsx';

type Props = Readonly<{ userId: string }>;

export function PlanForms({ userId }: Props) {
  return (
    <div className="step-forms">
      <MakePlan userId={userId} />
      <details>
        <summary>Open a plan that is there already</summary>
        <OpenPlan />
      </details>
    </div>
  );
}

/** What says where files go. */
const sources = [
  { value: 'mapping', words: 'A mapping', hint: 'Which file or folder is of which class.' },
  { value: 'timetable', words: 'A timetable', hint: 'By when each recording was made.' },
  { value: 'both', words: 'Both', hint: 'The timetable for what the mapping leaves open.' },
] as const;
type Source = (typeof sources)[number]['value'];

function MakePlan({ userId }: Props) {
  const [root, setRoot] = useState('');
  const [source, setSource] = useState<Source>('mapping');
  const [mapping, setMapping] = useState('');
  const [timetable, setTimetable] = useState('');
  const [zone, setZone] = useState(ownZone);
  const [sender, setSender] = useState(userId);
  const [speed, setSpeed] = useState('');
  const make = useAction(api.planMigration, { changes: ['migration'] });
  const hasMapping = source !== 'timetable';
  const hasTimetable = source !== 'mapping';
  const asked: ApiInput<'planMigration'> = {
    root,
    mapping: hasMapping ? mapping : null,
    timetable: hasTimetable ? { file: timetable, zone } : null,
    userId: sender,
    mbit: speed === '' ? null : Number(speed),
  };
  const isSpeed = speed === '' || /^[1-9]\d{0,5}$/.test(speed);
  const isReady =
    root !== '' &&
    (!hasMapping || mapping !== '') &&
    (!hasTimetable || (timetable !== '' && isZone(zone))) &&
    isSender(sender) &&
    isSpeed;
  return (
    <StepForm
      verb="Make the plan"
      isMain
      isReady={isReady}
      isBusy={make.isPending}
      error={make.error}
      onSubmit={() => make.mutate(asked)}
    >
      <PathField
        label="The archive’s folder"
        value={root}
        onText={setRoot}
        choose={() => api.chooseFolder({})}
      />
      <SourceChoice value={source} onChange={setSource} />
      {hasMapping && (
        <>
          <PathField
            label="The mapping"
            hint="A CSV that says which class each file or folder belongs to."
            value={mapping}
            onText={setMapping}
            choose={() => api.chooseFile({ what: 'mapping' })}
          />
          <MappingExample />
        </>
      )}
      {hasTimetable && (
        <>
          <PathField
            label="The timetable"
            hint="A CSV of lessons. A recording is of the lesson in which its file was last changed."
            value={timetable}
            onText={setTimetable}
            choose={() => api.chooseFile({ what: 'timetable' })}
          />
          <TimetableExample />
          <ZoneField zone={zone} onZone={setZone} />
        </>
      )}
      <div className="form-pair">
        <SenderField
          sender={sender}
          unnamedBy={hasMapping ? 'mapping' : 'timetable'}
          onSender={setSender}
        />
        <TextField
          label="Your line’s upload, megabits a second"
          inputMode="numeric"
          maxLength={6}
          placeholder="20 to 200"
          hint="For the estimate of the time alone."
          wrong={isSpeed ? undefined : 'A whole number.'}
          value={speed}
          onText={setSpeed}
        />
      </div>
    </StepForm>
  );
}

type SenderProps = Readonly<{
  sender: string;
  unnamedBy: 'mapping' | 'timetable';
  onSender: (sender: string) => void;
}>;

function SenderField({ sender, unnamedBy, onSender }: SenderProps) {
  return (
    <TextField
      label="Who sends"
      required
      maxLength={128}
      hint={`Whose recordings they are where the ${unnamedBy} names nobody: a name as in Settings under Folders, such as teacher-7.`}
      wrong={
        sender === '' || isSender(sender)
          ? undefined
          : 'Letters, digits, dot, dash and underscore, starting with a letter or digit.'
      }
      value={sender}
      onText={onSender}
    />
  );
}

const isSender = (text: string): boolean => pathId.safeParse(text).success;

function ZoneField({ zone, onZone }: Readonly<{ zone: string; onZone: (zone: string) => void }>) {
  return (
    <>
      <TextField
        label="Time zone of the timetable"
        required
        maxLength={64}
        list="zones"
        hint="Of the clock in the classrooms."
        wrong={zone === '' || isZone(zone) ? undefined : 'No zone has this name.'}
        value={zone}
        onText={onZone}
      />
      <datalist id="zones">
        {zones().map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  );
}

function SourceChoice({
  value,
  onChange,
}: Readonly<{ value: Source; onChange: (source: Source) => void }>) {
  return (
    <fieldset>
      <legend className="legend">What says where files go</legend>
      <Choices name="source" layout="even" choices={sources} value={value} onChange={onChange} />
    </fieldset>
  );
}

function OpenPlan() {
  const [file, setFile] = useState('');
  const open = useAction(api.openPlan, { changes: ['migration'] });
  return (
    <StepForm
      verb="Open the plan"
      isReady={file !== ''}
      isBusy={open.isPending}
      error={open.error}
      onSubmit={() => open.mutate({ file })}
    >
      <PathField
        label="The plan’s file"
        value={file}
        onText={setFile}
        choose={() => api.chooseFile({ what: 'plan' })}
      />
    </StepForm>
  );
}
