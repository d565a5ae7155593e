const SECOND_MS = 1000;

let made = { second: NaN, text: '' };

/** The time as headers have it (RFC 9110 section 5.6.7), made once a second. */
export function httpDate(): string {
  const second = Math.floor(Date.now() / SECOND_MS);
  if (made.second !== second) made = { second, text: new Date(second * SECOND_MS).toUTCString() };
  return made.text;
}
