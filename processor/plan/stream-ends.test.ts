import { expect, it } from '@jest/globals';
import { createStreamEnds, readPacket } from './stream-ends.js';

function endsOf(...lines: string[]): Record<string, number> {
  const found = createStreamEnds();
  lines.map(readPacket).forEach((packet) => found.see(packet));
  return Object.fromEntries(found.ends());
}

it('is the latest moment at which a stream still shows something', () => {
  expect(endsOf('0,2.0,1.8,0.5', '1,9.5,9.5,0.25', '0,1.5,2.0,0.5')).toEqual({ 0: 2.5, 1: 9.75 });
});

it('goes by decoding times where there are no others', () => {
  expect(endsOf('0,N/A,7.0,0.5', '0,N/A,7.5,0.5')).toEqual({ 0: 8 });
});

it('counts the picture that is still to come when pictures out of order have no time', () => {
  expect(endsOf('0,7.0,7.0,0.5', '0,N/A,7.5,0.5', '0,8.0,8.0,0.5')).toEqual({ 0: 9 });
});

it('passes over packets without any time, and lines that are none', () => {
  expect(endsOf('0,N/A,N/A,0.5', '', 'x', '0,1.0,1.0,N/A')).toEqual({ 0: 1 });
});
