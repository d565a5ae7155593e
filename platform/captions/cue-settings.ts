const percent = String.raw`(?:100(?:\.0+)?|\d{1,2}(?:\.\d{1,4})?)%`;

/** Settings of a cue (https://www.w3.org/TR/webvtt1/#cue-settings); regions are not kept, so nothing names them. */
const known: Readonly<Record<string, RegExp>> = {
  vertical: /^(?:rl|lr)$/,
  line: new RegExp(String.raw`^(?:-?\d{1,4}|${percent})(?:,(?:start|center|end))?$`),
  position: new RegExp(`^${percent}(?:,(?:line-left|center|line-right))?$`),
  size: new RegExp(`^${percent}$`),
  align: /^(?:start|center|end|left|right)$/,
};

/** The settings of a cue that WebVTT knows, each once, the last of a kind; others are dropped. */
export function fitSettings(text: string): string {
  const settings = new Map<string, string>();
  for (const setting of text.split(/[ \t]+/)) {
    const [name = '', value = ''] = setting.split(':', 2);
    if (Object.hasOwn(known, name) && known[name]?.test(value)) settings.set(name, value);
  }
  return [...settings].map(([name, value]) => `${name}:${value}`).join(' ');
}

/** Digits as on a keyboard's number pad: 2 is below in the middle, where captions stand anyway. */
const rows = ['', 'line:50%', 'line:0'];
const columns = ['align:left', '', 'align:right'];

/** Instructions of Advanced SubStation Alpha, which SubRip files use too: `{\an8}`. */
const instructions = /\{\\[^{}\n]*\}/g;

/** A cue of SubRip: its text without instructions, and the settings that say the same of its place. */
export function fromSubRip(text: string): { text: string; settings: string } {
  const place = Number(/\{\\an([1-9])\}/.exec(text)?.[1] ?? 2) - 1;
  const settings = [rows[Math.floor(place / 3)], columns[place % 3]].filter(Boolean).join(' ');
  return { text: text.replace(instructions, '').replace(/<br[ \t]*\/?>/gi, '\n'), settings };
}
