import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { exec, which } from './exec.mjs';
import { SetupError } from './run-steps.mjs';
import { readTools, rememberTools } from './tools-file.mjs';

const MIN_FFMPEG = 5.1;
const MIN_JAVA = 17;

/** FFmpeg with what the transcoder needs of it. */
export const ffmpeg = {
  packages: ['ffmpeg'],
  brew: ['ffmpeg'],
  need: `ffmpeg and ffprobe ${MIN_FFMPEG} or newer with libx264 and aac`,
  isThere: () =>
    passes('ffmpeg', process.env.FFMPEG_PATH || which('ffmpeg'), hasCodecs) &&
    passes('ffprobe', process.env.FFPROBE_PATH || which('ffprobe'), (program) =>
      isNewFfmpeg(output(program, ['-version'])),
    ),
};

export const java = {
  packages: ['openjdk-17-jre-headless'],
  brew: ['openjdk@17'],
  need: `Java ${MIN_JAVA} or newer`,
  isThere: () =>
    passes('java', findJava(), (program) => {
      const version = /version "(\d+)/.exec(output(program, ['-version']));
      return Number(version?.[1]) >= MIN_JAVA;
    }),
};

export const maven = {
  packages: ['maven'],
  brew: ['maven'],
  need: 'Maven',
  isThere: () => Boolean(which('mvn')),
};

/** Debian keeps it where only administrators look. */
const adminPath = () => `${process.env.PATH ?? ''}:/usr/sbin:/usr/local/sbin`;

/** A CDN for tests, and what the streamer is measured against. */
export const nginx = {
  packages: ['nginx'],
  brew: ['nginx'],
  need: 'nginx',
  isThere: () => Boolean(which('nginx', adminPath())),
};

export const wrk = {
  packages: ['wrk'],
  brew: ['wrk'],
  need: 'wrk',
  isThere: () => Boolean(which('wrk')),
};

export const findJava = () => (process.env.JAVA_HOME ? `${process.env.JAVA_HOME}/bin/java` : which('java'));

/** One step for all that is missing, so that the package manager runs once. */
export function systemPackages(requirements) {
  const missing = () => requirements.filter((requirement) => !requirement.isThere());
  return {
    title: 'system packages',
    isDone: () => missing().length === 0,
    async run() {
      const wanted = missing();
      const command = installCommand(wanted);
      const needs = wanted.map(({ need }) => need).join('; ');
      if (!canInstall()) throw new SetupError(`Missing: ${needs}. Type: ${command}`);
      const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
      await exec('sh', ['-c', command], { env });
      const still = missing();
      if (still.length > 0) {
        throw new SetupError(
          `${command} did not bring ${still.map(({ need }) => need).join('; ')}: install it by hand.`,
        );
      }
    },
  };
}

function installCommand(wanted) {
  if (process.platform === 'darwin') return `brew install ${wanted.flatMap(({ brew }) => brew).join(' ')}`;
  const packages = wanted.flatMap((requirement) => requirement.packages).join(' ');
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
  return `${sudo}apt-get update -q && ${sudo}apt-get install -qy --no-install-recommends ${packages}`;
}

/** Whether packages of the system may be installed from here. */
export function canInstall() {
  return process.getuid?.() === 0 && Boolean(which('apt-get')) && /debian|ubuntu/i.test(osRelease());
}

export const isUbuntu = () => /^ID=ubuntu$/m.test(osRelease());

function osRelease() {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}

/** Asks a program once what it can do; the answer holds until the program changes. */
function passes(name, program, check) {
  if (!program) return false;
  const seen = fingerprint(program);
  if (!seen) return false;
  if (readTools().checked?.[name] === seen) return true;
  if (!check(program)) return false;
  rememberTools({ checked: { ...readTools().checked, [name]: seen } });
  return true;
}

function fingerprint(program) {
  try {
    const file = realpathSync(program);
    return `${file}@${statSync(file).mtimeMs}`;
  } catch {
    return undefined;
  }
}

function hasCodecs(program) {
  const encoders = output(program, ['-encoders']);
  return isNewFfmpeg(encoders) && / libx264 /.test(encoders) && / aac /.test(encoders);
}

/** Builds from git have no number but a commit: taken as new. */
function isNewFfmpeg(text) {
  const version = /version n?(\d+\.\d+)/.exec(text);
  return version ? Number(version[1]) >= MIN_FFMPEG : /version (N-|git)/.test(text);
}

/** What a program says; empty where it cannot. */
export function output(program, args) {
  try {
    return execFileSync('sh', ['-c', '"$0" "$@" 2>&1', program, ...args], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
