/**
 * @file better-sqlite3 for hosts with Node-API 9: its own binaries want 10, and end an older Electron
 * without a word. What is missing there are lasting references to strings; they are kept as text.
 */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { npmCli } from '../bootstrap/npm.mjs';

const STRING_REFERENCE = `// Node-API < 10 has no persistent references to strings: keep the text and make the string anew on use.
class StrRef {
public:
	StrRef() : env(nullptr) {}
	explicit StrRef(Napi::String str) : env(str.Env()), text(str.Utf8Value()) {}
	Napi::String Value() const { return Napi::String::New(env, text); }
private:
	napi_env env;
	std::string text;
};

`;

/** @type {ReadonlyArray<{ file: string; before?: string; replace: ReadonlyArray<readonly [string, string]> }>} */
const edits = [
  { file: 'binding.gyp', replace: [['NAPI_VERSION=10', 'NAPI_VERSION=9']] },
  {
    file: 'src/util/helpers.cpp',
    before: STRING_REFERENCE,
    replace: [['const Napi::Reference<Napi::String>& key', 'const StrRef& key']],
  },
  {
    file: 'src/util/constants.cpp',
    replace: [
      ['Napi::Reference<Napi::String>', 'StrRef'],
      [
        'Napi::Persistent(InternalizedFromLatin1(env, str))',
        'StrRef(InternalizedFromLatin1(env, str))',
      ],
    ],
  },
  {
    file: 'src/util/bind-map.cpp',
    replace: [
      ['Napi::Reference<Napi::String>', 'StrRef'],
      [
        'Napi::Persistent(InternalizedFromUtf8(env, name, -1))',
        'StrRef(InternalizedFromUtf8(env, name, -1))',
      ],
      ['Napi::Persistent(pair->name.Value())', 'pair->name'],
    ],
  },
];

/**
 * Compiles it; 1.5 to 3.5 minutes. Needs make, g++ and Python.
 *
 * @param {string} root The checkout, with its packages.
 * @param {string} out The .node file to make.
 */
export function compileSqlite(root, out) {
  const modules = path.join(root, 'node_modules');
  const work = mkdtempSync(path.join(tmpdir(), 'pansea-sqlite-'));
  try {
    const source = path.join(work, 'node_modules', 'better-sqlite3');
    for (const name of ['better-sqlite3', 'node-addon-api'])
      cpSync(path.join(modules, name), path.join(work, 'node_modules', name), { recursive: true });
    for (const { file, before = '', replace } of edits) {
      const target = path.join(source, file);
      let text = readFileSync(target, 'utf8');
      for (const [from, to] of replace) {
        if (!text.includes(from)) throw new Error(`better-sqlite3's ${file} has no ${from} now`);
        text = text.replaceAll(from, to);
      }
      writeFileSync(target, before + text);
    }
    const gyp = createRequire(npmCli()).resolve('node-gyp/bin/node-gyp.js');
    // node-gyp talks at length on stderr: for whom the build fails.
    execFileSync(
      process.execPath,
      [gyp, 'rebuild', `--nodedir=${headers()}`, '--release', '--force_build=1'],
      { cwd: source, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, JOBS: '2' } },
    );
    mkdirSync(path.dirname(out), { recursive: true });
    const part = `${out}.part-${process.pid}`;
    copyFileSync(path.join(source, 'build', 'Release', 'better_sqlite3.node'), part);
    renameSync(part, out);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The folder with Node's own headers: Node-API is the same in all of them. */
function headers() {
  const prefix = path.dirname(path.dirname(process.execPath));
  const found = [prefix, '/usr', '/usr/local'].find((folder) =>
    existsSync(path.join(folder, 'include', 'node', 'node_api.h')),
  );
  if (found === undefined) throw new Error('The headers of Node are not on this machine');
  return found;
}
