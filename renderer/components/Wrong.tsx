import { CircleAlert } from 'lucide-react';

/** What is wrong with what is in a field. Its place is there before anything is, so that the field can name it. */
export function Wrong({ id, text }: Readonly<{ id: string; text: string | undefined }>) {
  return (
    <span className="wrong" id={id}>
      {text !== undefined && (
        <>
          <CircleAlert className="icon" aria-hidden />
          {text}
        </>
      )}
    </span>
  );
}
