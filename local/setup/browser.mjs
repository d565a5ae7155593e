import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { exec, isExecutable, which } from './exec.mjs';
import { inRoot, toolsDir } from './paths.mjs';
import { SetupError } from './run-steps.mjs';

const downloads = join(toolsDir, 'browsers');
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The browser of the player tests: CHROMIUM_PATH, else one on the PATH, else our own download. */
export function findChromium() {
  return process.env.CHROMIUM_PATH || names.map((name) => which(name)).find(Boolean) || findDownload();
}

function findDownload() {
  if (!existsSync(downloads)) return undefined;
  const chrome = readdirSync(downloads, { recursive: true }).find((file) => /[/\\]chrome$/.test(file));
  return chrome && isExecutable(join(downloads, chrome)) ? join(downloads, chrome) : undefined;
}

export const chromium = {
  packages: ['chromium'],
  brew: ['--cask chromium'],
  need: 'Chromium (or CHROMIUM_PATH)',
  isThere: () => Boolean(findChromium()),
};

/** Ubuntu's own package is a snap, which containers cannot run: Playwright downloads a browser there. */
export const playwrightChromium = {
  title: 'Chromium',
  isDone: () => Boolean(findChromium()),
  async run() {
    const args = [inRoot('node_modules/playwright-core/cli.js'), 'install', '--with-deps', 'chromium'];
    const env = { ...process.env, PLAYWRIGHT_BROWSERS_PATH: downloads };
    await exec(process.execPath, args, { env }).catch((error) => {
      throw new SetupError(`${error.message}\nInstall Chrome or Chromium, and set CHROMIUM_PATH.`);
    });
  },
};
