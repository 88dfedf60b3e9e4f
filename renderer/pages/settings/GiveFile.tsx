import { useId, useState, type DragEvent } from 'react';
import { MAX_ENV_FILE_CHARACTERS } from '#shared/api/connection.ts';

/** Takes a `.env` file's text: pasted, dropped or chosen. None of it is shown. */
export function GiveFile({
  onText,
}: Readonly<{ onText: (text: Promise<string> | string) => void }>) {
  const id = useId();
  const [wrong, setWrong] = useState<string>();
  const take = (file: File | undefined) => {
    if (!file) return;
    if (file.size > MAX_ENV_FILE_CHARACTERS) setWrong('This file is too large for settings.');
    else onText(file.text());
  };
  return (
    <div className="field">
      <label htmlFor={`${id}-paste`}>Paste its lines, or drop the file here</label>
      <textarea
        id={`${id}-paste`}
        className="input give-file"
        aria-describedby={`${id}-hint`}
        spellCheck={false}
        autoComplete="off"
        placeholder="Ctrl+V"
        // What arrives is read and let go: secrets are not left on the screen.
        value=""
        onChange={() => setWrong('Paste all of it at once.')}
        onPaste={(event) => {
          event.preventDefault();
          const text = event.clipboardData.getData('text/plain');
          if (text.trim() === '') setWrong('There is no text to paste.');
          else if (text.length > MAX_ENV_FILE_CHARACTERS)
            setWrong('This text is too long for settings.');
          else onText(text);
        }}
        onDragEnter={onDrag}
        onDragOver={onDrag}
        onDrop={(event) => {
          onDrag(event);
          take(event.dataTransfer.files[0]);
        }}
      />
      <span className="hint" id={`${id}-hint`}>
        The file with AWS_S3_BUCKET and the keys that your admin gave you. The secret key is not
        shown.
      </span>
      <span className="wrong" role="status">
        {wrong}
      </span>
      <label className="button choose-file">
        Choose the file…
        <input
          type="file"
          className="unseen"
          onChange={(event) => {
            take(event.target.files?.[0]);
            event.target.value = '';
          }}
        />
      </label>
    </div>
  );
}

function onDrag(event: DragEvent): void {
  event.preventDefault();
  event.stopPropagation(); // The window itself takes no drops while a dialog is open.
}
