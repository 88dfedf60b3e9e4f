import { useEffect, useState } from 'react';

/**
 * Files and folders that are dropped anywhere on the window. What is not wanted is refused, since a
 * browser would open it in place of the page. Text that is dragged keeps its own ways.
 *
 * @returns Whether something that may be dropped hovers above the window now.
 */
export function useFileDrop(
  isWanted: boolean,
  onDrop: (items: readonly DataTransferItem[]) => void,
): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const onDrag = (event: DragEvent) => {
      const { dataTransfer } = event;
      if (!dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      const mayDrop = isWanted && !document.querySelector('[role=dialog],[role=alertdialog]');
      const isDrop = event.type === 'drop';
      dataTransfer.dropEffect = mayDrop ? 'link' : 'none';
      setOver(mayDrop && !isDrop);
      const files = [...dataTransfer.items].filter(({ kind }) => kind === 'file');
      if (isDrop && mayDrop && files.length > 0) onDrop(files);
    };
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const ways = ['dragenter', 'dragover', 'drop'] as const;
    for (const way of ways) window.addEventListener(way, onDrag);
    window.addEventListener('dragleave', onLeave);
    return () => {
      for (const way of ways) window.removeEventListener(way, onDrag);
      window.removeEventListener('dragleave', onLeave);
    };
  }, [isWanted, onDrop]);
  return isOver;
}
