/** @file The whole bridge of the sandboxed window: one way to ask, one way to be told, and where a dropped file is. */
import { contextBridge, ipcRenderer, webUtils, type IpcRendererEvent } from 'electron';

contextBridge.exposeInMainWorld('bridge', {
  send: (name: string, input: unknown): Promise<unknown> => ipcRenderer.invoke('api', name, input),
  /** @returns A function that ends the subscription. */
  onEvent: (listener: (event: unknown) => void): (() => void) => {
    const onEvents = (_: IpcRendererEvent, events: readonly unknown[]) => {
      for (const event of events) listener(event);
    };
    ipcRenderer.on('event', onEvents);
    return () => void ipcRenderer.off('event', onEvents);
  },
  /** Of a file that a person dropped, which the main process is told too; empty for one that is on no disk. */
  pathOf(file: File): string {
    const path = webUtils.getPathForFile(file);
    if (path !== '') void ipcRenderer.invoke('api', null, null, path);
    return path;
  },
});
