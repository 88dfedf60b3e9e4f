/** @file The recordings of the model, on a real disk: what their writers did, and what a person has said of them. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { FileVersion } from '../../electron/engine/store/jobs.ts';

/** One file as the last writer left it. */
export type LocalFile = Readonly<{ sha256: string; sizeBytes: number }>;

export class Recordings {
  /** What is in the watched folder now, by name. This is the model: what the engine does must follow from it. */
  readonly files = new Map<string, LocalFile>();
  /** Every content that a writer ever finished, with a short name for traces. */
  readonly closed = new Map<string, string>();
  /** Contents that were written more than once: there are only so many of one byte. */
  readonly repeated = new Set<string>();
  /** Classes from which a person has kept a content, or in which it was deleted: nothing sends it there unasked. */
  readonly letGo = new Map<string, Set<string>>();
  /** Contents that a person has sent to one more class, with that. */
  readonly sentToo = new Map<string, string>();
  /** Contents that a person has decided about, whatever became of it: a dismissal, or a deletion. */
  readonly decided = new Set<string>();
  /** Contents whose object is gone, though nobody heard of it. */
  readonly unsure = new Set<string>();
  /** Files of no watched folder that a person has handed over, by path. */
  readonly handed = new Map<string, LocalFile>();
  isConnected = true;
  #contents = 0;
  readonly #place: string;

  constructor(place: string) {
    this.#place = place;
    mkdirSync(this.root);
    mkdirSync(join(place, 'elsewhere'));
  }

  get root(): string {
    return join(this.#place, 'recordings');
  }
  get #away(): string {
    return join(this.#place, 'unplugged');
  }
  path(name: string): string {
    return join(this.isConnected ? this.root : this.#away, name);
  }
  /** What a file is called here, by the path that the engine knows. */
  nameOf(path: string): string {
    const name = relative(this.root, path);
    return name.startsWith('..') ? basename(path) : name;
  }
  /** What is in the folder, at any depth. */
  found(): string[] {
    const all = readdirSync(this.path(''), { recursive: true, withFileTypes: true });
    return all
      .filter((entry) => !entry.isDirectory())
      .map(({ parentPath, name }) => relative(this.path(''), join(parentPath, name)));
  }

  /** A content of its own: no two parts alike, and the same in every run of the same commands. */
  #content(sizeBytes: number): Buffer {
    this.#contents += 1;
    const seed = createHash('sha256').update(String(this.#contents)).digest('base64');
    return Buffer.alloc(sizeBytes, `${seed}:`); // 45 bytes, which no part's size is a multiple of.
  }

  write(name: string, sizeBytes: number): void {
    const bytes = this.#content(sizeBytes);
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), bytes);
    this.#note(name, bytes);
  }

  writeElsewhere(sizeBytes: number): { path: string; file: LocalFile } {
    const bytes = this.#content(sizeBytes);
    const path = join(this.#place, 'elsewhere', `${this.#contents}.ogg`);
    writeFileSync(path, bytes);
    return { path, file: this.#noteContent(bytes) };
  }

  /** Whether this is the version that is at its place now. */
  isVersion(name: string, { sizeBytes, mtimeNs }: Omit<FileVersion, 'path'>): boolean {
    const { size, mtimeNs: now } = statSync(this.path(name), { bigint: true });
    return size === BigInt(sizeBytes) && now === BigInt(mtimeNs);
  }

  /** The new content comes under another name and takes the old one's place. */
  replace(name: string, sizeBytes: number): void {
    const bytes = this.#content(sizeBytes);
    const temporary = this.path('.new.tmp');
    writeFileSync(temporary, bytes);
    renameSync(temporary, this.path(name));
    this.#note(name, bytes);
  }

  /**
   * Other bytes, same size, and the time put back to the nanosecond: only ctime and a look at the bytes can tell.
   *
   * @param isAnother It is another file that takes its place, as a copy from a card is.
   */
  overwriteUnseen(name: string, isAnother: boolean): void {
    const bytes = this.#content(this.files.get(name)!.sizeBytes);
    const temporary = this.path('.new.tmp');
    writeFileSync(temporary, isAnother ? bytes : '');
    execFileSync('touch', ['-r', this.path(name), temporary]);
    if (isAnother) renameSync(temporary, this.path(name));
    else {
      writeFileSync(this.path(name), bytes);
      execFileSync('touch', ['-r', temporary, this.path(name)]);
      rmSync(temporary);
    }
    this.#note(name, bytes);
  }

  /** Its change time moves, and nothing else. */
  touch(name: string): void {
    chmodSync(this.path(name), 0o644);
  }

  rename(name: string, to: string): void {
    mkdirSync(dirname(this.path(to)), { recursive: true });
    renameSync(this.path(name), this.path(to));
    this.files.set(to, this.files.get(name)!);
    this.files.delete(name);
  }

  /** A folder within the watched one gets another name, with all that is in it. */
  renameFolder(from: string, to: string): void {
    rmSync(this.path(to), { recursive: true, force: true }); // Nothing is in it.
    renameSync(this.path(from), this.path(to));
    for (const [name, file] of this.files)
      if (dirname(name) === from) {
        this.files.delete(name);
        this.files.set(join(to, basename(name)), file);
      }
  }

  remove(name: string): void {
    rmSync(this.path(name));
    this.files.delete(name);
  }

  unplug(): void {
    renameSync(this.root, this.#away);
    this.isConnected = false;
  }

  plugIn(): void {
    renameSync(this.#away, this.root);
    this.isConnected = true;
  }

  #note(name: string, bytes: Buffer): void {
    this.files.set(name, this.#noteContent(bytes));
  }

  #noteContent(bytes: Buffer): LocalFile {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    if (this.closed.has(sha256)) this.repeated.add(sha256);
    else this.closed.set(sha256, `content ${this.#contents}`);
    this.letGo.delete(sha256); // It is a recording anew.
    return { sha256, sizeBytes: bytes.length };
  }
}
