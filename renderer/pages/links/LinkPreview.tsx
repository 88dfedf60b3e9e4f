import { useQuery } from '@tanstack/react-query';
import { shownAs } from '#shared/preview.ts';
import { isOpen } from '#shared/restore.ts';
import { api } from '../../api.ts';
import { Preview } from '../library/Preview.tsx';

type Props = Readonly<{ objectKey: string; name: string; onLength: (ms: number) => void }>;

/** A last look at what a link will lead to. Nothing where there is none: the link does not depend on it. */
export function LinkPreview({ objectKey, name, onLength }: Props) {
  const { data } = useQuery({
    queryKey: ['object', objectKey],
    queryFn: () => api.getObject({ key: objectKey }),
  });
  if (!data || !isOpen(data.readability) || shownAs(data) === undefined) return null;
  return <Preview object={data} name={name} onLength={onLength} />;
}
