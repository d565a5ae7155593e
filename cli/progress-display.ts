import { stripVTControlCharacters } from 'node:util';

/** A state of something that goes on. */
export interface ProgressState {
  /** What it is doing; a new phase is always shown. */
  phase: string;
  percent: number;
  text: string;
}

/** Lines that are written over as things go on, below lines that stay. */
export interface ProgressDisplay {
  show(name: string, state: ProgressState): void;
  /** Takes a line away that has nothing more to tell. */
  remove(name: string): void;
  /** Writes a line that stays, above those that move. */
  print(line: string): void;
  /** Leaves what is shown as it is, the cursor below it. */
  close(): void;
}

interface Output {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/** Redraws a terminal's last lines; elsewhere writes one line a phase and every 5 percent. */
export function createProgressDisplay(output: Output): ProgressDisplay {
  return output.isTTY ? terminalDisplay(output) : plainDisplay(output);
}

const REDRAW_MS = 100;
const CLEAR_BELOW = '\x1b[0J';

function terminalDisplay(output: Output): ProgressDisplay {
  const shown = new Map<string, ProgressState>();
  let drawnLines = 0;
  let drawnAt = 0;

  const erase = () => (drawnLines > 0 ? `\x1b[${drawnLines}A\r${CLEAR_BELOW}` : '');
  const draw = (above = '') => {
    const width = (output.columns || 80) - 1;
    const lines = [...shown].map(([name, { text }]) => fit(label(shown.size, name, text), width));
    output.write(erase() + above + lines.map((line) => `${line}\n`).join(''));
    drawnLines = lines.length;
    drawnAt = Date.now();
  };

  return {
    show(name, state) {
      const isNewPhase = shown.get(name)?.phase !== state.phase;
      shown.set(name, state);
      if (isNewPhase || state.percent >= 100 || Date.now() - drawnAt >= REDRAW_MS) draw();
    },
    remove(name) {
      if (shown.delete(name)) draw();
    },
    print: (line) => draw(`${line}\n`),
    close() {
      draw();
      drawnLines = 0;
      shown.clear();
    },
  };
}

const STEP_PERCENT = 5;

function plainDisplay(output: Output): ProgressDisplay {
  const written = new Map<string, { phase: string; step: number }>();
  return {
    show(name, { phase, percent, text }) {
      const step = Math.floor(percent / STEP_PERCENT);
      const last = written.get(name);
      if (last && last.phase === phase && step <= last.step) return;
      written.set(name, { phase, step });
      output.write(`${label(written.size, name, text)}\n`);
    },
    remove: (name) => void written.delete(name),
    print: (line) => void output.write(`${line}\n`),
    close: () => written.clear(),
  };
}

/** Names matter where there is more than one. */
const label = (count: number, name: string, text: string): string => (count > 1 ? `${name}  ${text}` : text);

/** A line that wraps would be counted as one and stay behind. */
function fit(text: string, width: number): string {
  return stripVTControlCharacters(text).slice(0, Math.max(1, width));
}
