/** @file The page Archive, as a person finds it. */
import type { Locator, Page } from 'playwright';
import type { TestArchive } from '../../support/migration.ts';
import type { TestWindow } from './window.ts';

/** Recordings of an archive, by their paths. */
export const archiveFiles = {
  'bio/<img src=x onerror=alert(1)>.mp3': 'lecture a',
  'bio/b.mp3': 'lecture b',
  'c.mp3': 'lecture c',
};

/** @returns Its steps, by their headings. */
export async function openArchivePage(window: TestWindow): Promise<(name: string) => Locator> {
  await window.page.keyboard.press('Control+6');
  await window.page.getByRole('heading', { name: 'Archive', level: 1 }).waitFor();
  return (name) =>
    window.page.getByRole('listitem').filter({ has: window.page.getByRole('heading', { name }) });
}

/** Waits until a step says so of itself. */
export const state = (step: Locator, word: string) =>
  step.getByText(word, { exact: true }).waitFor();

/** Types what a plan needs, as in a browser. */
export async function askForPlan(page: Page, { root, mapping }: TestArchive): Promise<void> {
  await page.getByLabel('The archive’s folder').fill(root);
  await page.getByLabel('The mapping', { exact: true }).fill(mapping);
  await page.getByRole('textbox', { name: 'Who sends' }).fill('teacher-7');
  await page.getByRole('button', { name: 'Make the plan' }).press('Enter');
}
