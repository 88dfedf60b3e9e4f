/** @file What the engine meets on its way, as lines of the history; what becomes of a recording is noted with its state. */
import type { EngineEvent } from './events.ts';
import type { HistoryStore } from './store/history.ts';

const folder = { away: 'folder-away', back: 'folder-back' } as const;

export function createStory(history: HistoryStore): (event: EngineEvent) => void {
  return (event) => {
    if (event.type === 'storage') {
      if (event.state === 'unasked') return; // Whether it is back is not known.
      const kinds = { away: 'storage-away', back: 'storage-back' } as const;
      history.turn(kinds, event.state === 'waiting', { code: event.code });
    } else if (event.type === 'scanner') {
      const kinds = { away: 'scanner-away', back: 'scanner-back' } as const;
      history.turn(kinds, event.code !== undefined, { code: event.code });
    } else if (event.type === 'hook') {
      const kinds = { away: 'hook-away', back: 'hook-back' } as const;
      history.turn(kinds, event.detail !== undefined, {});
    } else if (event.type === 'folder') {
      history.turn(folder, event.state !== 'watching', { name: event.path });
    } else if (event.type === 'scanned') {
      if (event.isWhole) history.turn(folder, false, { name: event.path });
    } else if (event.type === 'compared') {
      const { code, refuted, there } = event;
      if (code !== undefined) history.add({ kind: 'not-compared', code });
      else if (refuted > 0) history.add({ kind: 'missed', number: refuted });
      else history.add({ kind: 'compared', number: there });
    } else if (event.type === 'disk')
      history.turn({ away: 'disk-low', back: 'disk-back' }, event.isLow, {});
  };
}
