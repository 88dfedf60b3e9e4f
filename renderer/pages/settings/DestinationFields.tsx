import { destinationKinds, pathId, type DestinationKind } from '#shared/recording.ts';
import { Choices } from '../../components/Choices.tsx';
import { TextField } from '../../components/TextField.tsx';
import { kindWords } from '../../words/places.ts';

/** Where files go, as it is typed. */
export type Place = Readonly<{ kind: DestinationKind; classId: string; userId: string }>;

const hints: Record<DestinationKind, string> = {
  audio: 'Recordings of one class.',
  documents: 'Files of one person, kept as documents.',
  uploads: 'Anything else of one person.',
};

const badId = 'Letters, digits, dot, dash and underscore, starting with a letter or digit.';
const wrongId = (text: string): string | undefined =>
  text === '' || pathId.safeParse(text).success ? undefined : badId;

/** What is empty is not wrong yet. */
export const wrongInPlace = ({ kind, classId, userId }: Place) => ({
  classId: kind === 'audio' ? wrongId(classId) : undefined,
  userId: wrongId(userId),
});

type Props = Readonly<{
  legend: string;
  place: Place;
  onPlace: (place: Place) => void;
  classHint: string;
  isClassRequired?: boolean;
}>;

export function DestinationFields(props: Props) {
  const { legend, place, onPlace, classHint, isClassRequired = false } = props;
  const { kind, classId, userId } = place;
  const wrong = wrongInPlace(place);
  return (
    <>
      <fieldset>
        <legend className="legend">{legend}</legend>
        <Choices
          name="kind"
          layout="even"
          choices={destinationKinds.map((value) => ({
            value,
            words: kindWords[value].one,
            hint: hints[value],
          }))}
          value={kind}
          onChange={(value) => onPlace({ ...place, kind: value })}
        />
      </fieldset>
      <div className="form-pair">
        {kind === 'audio' && (
          <TextField
            label="Class"
            required={isClassRequired}
            maxLength={128}
            placeholder="BIO-101"
            wrong={wrong.classId}
            hint={classHint}
            value={classId}
            onText={(text) => onPlace({ ...place, classId: text })}
          />
        )}
        <TextField
          label="User"
          required
          maxLength={128}
          wrong={wrong.userId}
          hint="Your id at school. It is noted with each recording."
          value={userId}
          onText={(text) => onPlace({ ...place, userId: text })}
        />
      </div>
    </>
  );
}
