/** @file A note of the desktop’s own, for who does not have the window before them. */
import { Notification } from 'electron';
import type { News } from './standing.ts';

/** Held, or its click would lead nowhere. */
let note: Notification | undefined;

/** In the place of the one before. Where the desktop shows none, the tray’s icon has to do. */
export function showNote({ title, text }: News, onClick: () => void): void {
  if (!Notification.isSupported()) return;
  note?.close();
  note = new Notification({ title, body: text });
  note.on('click', onClick);
  note.show();
}
