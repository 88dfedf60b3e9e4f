import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import type { ApiInput } from '#shared/api.ts';
import { bytesOf, megabitWords, uploadMegabits } from '#shared/upload-limit.ts';
import { readWeek, uploadWeek } from '#shared/upload-week.ts';
import { api } from '../../api.ts';
import { Button } from '../../components/Button.tsx';
import { Choices } from '../../components/Choices.tsx';
import { Failure } from '../../components/Failure.tsx';
import { useNotices } from '../../components/Notice.tsx';
import { TextField } from '../../components/TextField.tsx';
import { Trouble } from '../../components/Trouble.tsx';
import { useAction } from '../../hooks/useAction.ts';
import { tellError } from '../../words/failures.ts';
import { roughSpan } from '../../words/time.ts';
import { OnBattery } from './OnBattery.tsx';
import { placeOf, SectionTitle } from './sections.tsx';
import { UploadWeek } from './UploadWeek.tsx';

/** Half of a slow line: a lesson’s video call goes on beside the uploads. */
const SUGGESTED = 10;
/** While a school teaches. */
const SUGGESTED_WEEK = readWeek('Mon-Fri 08-16 limited')!;

type Speed = ApiInput<'setUploadLimit'>;
const ways = [
  { value: 'free', words: 'As fast as the network allows' },
  { value: 'limited', words: 'Limited' },
  { value: 'week', words: 'By the hour' },
] as const;
type Way = (typeof ways)[number]['value'];
const wayOf = ({ megabits, week }: Speed): Way =>
  week !== null ? 'week' : megabits !== null ? 'limited' : 'free';

/** How fast all uploads together may be, and when: as fast as the network allows, until a person says otherwise. */
export function UploadSpeed() {
  const { data, error, refetch } = useQuery({
    queryKey: ['upload-limit'],
    queryFn: () => api.getUploadLimit({}),
  });
  return (
    <section className="card" aria-labelledby={placeOf('upload-speed')}>
      <header>
        <SectionTitle section="upload-speed" />
        <p className="muted">
          A limit leaves room on the line for others, such as a video call. It holds for all uploads
          together, also for those on their way.
        </p>
      </header>
      {error && <Failure error={error} onRetry={refetch} />}
      {data?.isFixed && data.megabits !== null && (
        <p>
          At most {megabitWords(data.megabits)}.
          <span className="hint">
            {' '}
            Set from outside, by PANSEA_UPLOAD_LIMIT in the environment.
          </span>
        </p>
      )}
      {data && !data.isFixed && <Choice speed={data} />}
      <OnBattery />
    </section>
  );
}

/** A gigabyte is an hour of lecture, more or less. */
const spanWords = (megabits: number): string =>
  `A recording of 1 GB then takes about ${roughSpan((1e9 / bytesOf(megabits)) * 1_000)}.`;

function Choice({ speed }: Readonly<{ speed: Speed }>) {
  const { show } = useNotices();
  /** Until it is set. */
  const [wanted, setWanted] = useState<Way | null>(null);
  const [edited, setEdited] = useState<string | null>(null);
  const [drawn, setDrawn] = useState<string | null>(null);
  const [isTried, setTried] = useState(false);
  const set = useAction((next: Speed) => api.setUploadLimit(next), {
    changes: ['upload-limit', 'status'],
    onDone(_, next) {
      setWanted(null);
      setEdited(null);
      setDrawn(null);
      show(doneWords(next));
    },
  });
  const { megabits } = speed;
  const way = wanted ?? wayOf(set.isPending ? set.variables : speed);
  const typed = edited ?? String(megabits ?? SUGGESTED);
  const asked = uploadMegabits.safeParse(typed.trim() === '' ? undefined : Number(typed));
  const week = drawn ?? speed.week ?? SUGGESTED_WEEK;
  const isWeek = uploadWeek.safeParse(week).success;
  const next = { megabits: asked.data ?? null, week: way === 'week' ? week : null };
  const isSame = asked.success && next.megabits === megabits && next.week === speed.week;
  const save = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (asked.success && (way !== 'week' || isWeek) && !isSame) set.mutate(next);
  };
  const choose = (chosen: Way) => {
    setWanted(chosen);
    setTried(false);
    if (chosen === 'free' && wayOf(speed) !== 'free') set.mutate({ megabits: null, week: null });
  };
  const button = (
    <Button type="submit" isBusy={set.isPending || isSame}>
      {way === 'week' ? 'Set the timetable' : 'Set the limit'}
    </Button>
  );
  return (
    <form className="form" onSubmit={save} noValidate>
      <div role="radiogroup" aria-labelledby="upload-speed">
        <Choices name="upload-speed" layout="stack" choices={ways} value={way} onChange={choose} />
      </div>
      {way === 'week' && (
        <>
          <p className="hint">
            By the clock of this computer. When an hour that is off begins, what is being sent has
            two minutes to end; then it stops, and goes on from there later.
          </p>
          <UploadWeek week={week} onChange={setDrawn} />
          {!isWeek && <p className="wrong-soft">Leave an hour in which recordings go up.</p>}
        </>
      )}
      {way !== 'free' && (
        <TextField
          label={way === 'week' ? 'Megabits a second in limited hours' : 'Megabits a second'}
          hint={asked.success ? spanWords(asked.data) : 'For all uploads together.'}
          inputMode="decimal"
          value={typed}
          maxLength={8}
          wrong={isTried && !asked.success ? 'A number from 0.1 to 100000.' : undefined}
          onText={setEdited}
        >
          {button}
        </TextField>
      )}
      {set.error && <Trouble telling={tellError(set.error)} />}
    </form>
  );
}

function doneWords({ megabits, week }: Speed): string {
  if (week !== null) return 'Uploads keep to the timetable.';
  return megabits === null
    ? 'Uploads are as fast as the network allows.'
    : `Uploads are held to ${megabitWords(megabits)}.`;
}
