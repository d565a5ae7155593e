import { describe, expect, it } from '@jest/globals';
import { createProgressDisplay } from './progress-display.js';

function recorder(terminal?: { columns: number }) {
  const written: string[] = [];
  const write = (text: string) => void written.push(text);
  return { written, output: terminal ? { write, isTTY: true, ...terminal } : { write } };
}

const at = (percent: number, phase = 'work') => ({ phase, percent, text: `${phase} ${percent}` });

describe('a display that is no terminal', () => {
  it('writes a line every five percent and for each new phase', () => {
    const { written, output } = recorder();
    const display = createProgressDisplay(output);
    for (const percent of [0, 1, 4.9, 5, 9, 14, 17]) display.show('a', at(percent));
    display.show('a', at(0, 'next'));
    expect(written).toEqual(['work 0\n', 'work 5\n', 'work 14\n', 'work 17\n', 'next 0\n']);
  });

  it('names things where there are several', () => {
    const { written, output } = recorder();
    const display = createProgressDisplay(output);
    display.show('a', at(0));
    display.show('b', at(0));
    expect(written).toEqual(['work 0\n', 'b  work 0\n']);
  });
});

describe('a display on a terminal', () => {
  it('writes over what it wrote', () => {
    const { written, output } = recorder({ columns: 80 });
    const display = createProgressDisplay(output);
    display.show('a', at(0));
    display.show('a', at(100));
    expect(written).toEqual(['work 0\n', '\x1b[1A\r\x1b[0Jwork 100\n']);
  });

  it('keeps printed lines above those that move', () => {
    const { written, output } = recorder({ columns: 80 });
    const display = createProgressDisplay(output);
    display.show('a', at(0));
    display.print('warning');
    expect(written.at(-1)).toBe('\x1b[1A\r\x1b[0Jwarning\nwork 0\n');
  });

  it('never wraps a line', () => {
    const { written, output } = recorder({ columns: 5 });
    createProgressDisplay(output).show('a', at(100));
    expect(written).toEqual(['work\n']);
  });

  it('starts anew after close', () => {
    const { written, output } = recorder({ columns: 80 });
    const display = createProgressDisplay(output);
    display.show('a', at(0));
    display.close();
    display.print('done');
    expect(written.at(-1)).toBe('done\n');
  });
});
