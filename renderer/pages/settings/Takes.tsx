import { useState } from 'react';
import type { RuleInput } from '#shared/api.ts';
import { formatBytes, parseBytes } from '#shared/format.ts';
import { fileType } from '#shared/limits.ts';
import { TextField } from '../../components/TextField.tsx';

/** What a folder takes, as it is typed. */
type TakesText = Readonly<Record<'include' | 'exclude' | 'types' | 'least' | 'most', string>>;
type Takes = Pick<RuleInput, 'include' | 'exclude' | 'types' | 'minBytes' | 'maxBytes'>;

export function takesText(rule: Takes | undefined): TakesText {
  return {
    include: rule?.include.join('\n') ?? '',
    exclude: rule?.exclude.join('\n') ?? '',
    types: rule?.types?.join(', ') ?? '',
    least: sizeText(rule?.minBytes),
    most: sizeText(rule?.maxBytes),
  };
}

/** What was typed as the rule has it; what cannot be read is left out, and `wrongIn` says so. */
export function takesFrom({ include, exclude, types, least, most }: TakesText): Takes {
  const taken = words(types).flatMap((word) => fileType.safeParse(word).data ?? []);
  const minBytes = parseBytes(least);
  const maxBytes = parseBytes(most);
  return {
    include: lines(include),
    exclude: lines(exclude),
    ...(taken.length > 0 && { types: taken }),
    ...(minBytes && { minBytes }),
    ...(maxBytes && { maxBytes }),
  };
}

/** What is wrong with it, by field. */
export function wrongIn({
  types,
  least,
  most,
}: TakesText): Partial<Record<keyof TakesText, string>> {
  const bad = words(types).find((word) => !fileType.safeParse(word).success);
  const [min, max] = [parseBytes(least), parseBytes(most)];
  return {
    ...(bad !== undefined && { types: 'Endings such as mp3, with commas between them.' }),
    ...(!isSize(least) && { least: badSize }),
    ...(!isSize(most) && { most: badSize }),
    ...(min && max && min > max && { most: 'This is less than the smallest.' }),
  };
}

/** What the fields in `wrong` are called, within a sentence. */
export function takesNames(wrong: ReturnType<typeof wrongIn>): string[] {
  const names = { types: 'types', least: 'smallest size', most: 'largest size' } as const;
  return Object.entries(names).flatMap(([field, name]) => (field in wrong ? [name] : []));
}

const isSize = (text: string): boolean => text.trim() === '' || parseBytes(text) !== undefined;
const badSize = 'A size, such as 500 MB or 2 GB.';

const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
const words = (text: string): string[] => text.split(/[\s,;]+/).filter((word) => word !== '');

/** Exact, and in a unit where one is. */
function sizeText(bytes: number | undefined): string {
  if (!bytes) return '';
  const text = formatBytes(bytes);
  return parseBytes(text) === bytes ? text : String(bytes);
}

type Props = Readonly<{
  text: TakesText;
  wrong: ReturnType<typeof wrongIn>;
  onText: (text: TakesText) => void;
}>;

/** The part of a folder's form that hardly anybody needs. */
export function TakesFields({ text, wrong, onText }: Props) {
  // As it was found: what is emptied is not to be shut under the one who types.
  const [isUsed] = useState(() => Object.values(text).some((value) => value !== ''));
  const set = (name: keyof TakesText) => (value: string) => onText({ ...text, [name]: value });
  return (
    <details open={isUsed ? true : undefined}>
      <summary>Only some of its files</summary>
      <div className="form-takes">
        <div className="form-pair">
          <Patterns
            label="Only these"
            hint="One pattern a line. Empty: all files."
            placeholder="*.mp3"
            value={text.include}
            onText={set('include')}
          />
          <Patterns
            label="But not these"
            hint="One pattern a line."
            placeholder="drafts/**"
            value={text.exclude}
            onText={set('exclude')}
          />
        </div>
        <TextField
          label="Types"
          maxLength={500}
          placeholder="mp3, wav, mp4"
          hint="Empty: all recordings. Another type, or a size beyond these, waits for you; it is not lost."
          value={text.types}
          wrong={wrong.types}
          onText={set('types')}
        />
        <div className="form-pair">
          <TextField
            label="Smallest"
            maxLength={30}
            placeholder="100 kB"
            value={text.least}
            wrong={wrong.least}
            onText={set('least')}
          />
          <TextField
            label="Largest"
            maxLength={30}
            placeholder="2 GB"
            value={text.most}
            wrong={wrong.most}
            onText={set('most')}
          />
        </div>
      </div>
    </details>
  );
}

type PatternProps = Readonly<{
  label: string;
  hint: string;
  placeholder: string;
  value: string;
  onText: (text: string) => void;
}>;

function Patterns({ label, hint, placeholder, value, onText }: PatternProps) {
  const id = label.replaceAll(' ', '-').toLowerCase();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        className="input"
        spellCheck={false}
        placeholder={placeholder}
        value={value}
        onChange={(event) => onText(event.target.value)}
      />
      <span className="hint">{hint}</span>
    </div>
  );
}
