import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readCmcd } from './cmcd.js';

const sid = '6e2fb550-c457-11e9-bb97-0800200c9a66';
const inQuery = (text: string) => readCmcd(`/stream/t/f.m4s?CMCD=${encodeURIComponent(text)}`, {});

describe('CMCD', () => {
  it.each([
    [`br=3200,bs,sid="${sid}",st=v,su`, { br: 3200, bs: true, sid, st: 'v', su: true }],
    [`sid="${sid}",nor="..%2Fa,sid=x",br=800`, { sid, br: 800 }],
    // Version 2.
    ['br=(5000;v 128;a),bs=(v),bsd=(1200;v),msd=840,v=2', { br: 5000, bs: true, bsd: 1200, msd: 840 }],
    ['bs=?0, su', { bs: false, su: true }],
    ['com.example-key="x",br=7', { br: 7 }],
  ])('is read from the query: %s', (text, found) => {
    expect(inQuery(text)).toEqual(found);
  });

  it('is read from the headers, and from other places of the query', () => {
    const headers = { 'cmcd-session': `sid="${sid}",st=v`, 'cmcd-status': 'bs', 'cmcd-object': 'br=5' };
    expect(readCmcd('/stream/t/f.m4s', headers)).toEqual({ sid, st: 'v', bs: true, br: 5 });
    expect(readCmcd('/stream/t/f.m4s?a=b&CMCD=br%3D5&c=d', {})).toEqual({ br: 5 });
  });

  it.each([
    '/stream/t/f.m4s',
    '/stream/t/f.m4s?XCMCD=br%3D5',
    '/stream/t/CMCD=br%3D5',
    '/stream/t/f.m4s?CMCD=%zz',
    `/stream/t/f.m4s?CMCD=${'a'.repeat(9_000)}`,
    `/stream/t/f.m4s?CMCD=br%3D5,x%3D${'a'.repeat(2_100)}`,
  ])('is not found in %s', (url) => {
    expect(readCmcd(url, {})).toBeUndefined();
  });

  it.each([
    'sid=""',
    'sid="short"',
    'sid="with a space"',
    `sid="${'a'.repeat(65)}"`,
    'br=-1',
    'msd=86400001',
    'st=x',
    '',
  ])('passes over what is not valid: %s', (text) => {
    expect(inQuery(text)).toEqual({});
  });

  it('takes whatever is sent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        const found = inQuery(text) ?? {};
        expect(
          Object.values(found).every((value) => ['string', 'number', 'boolean'].includes(typeof value)),
        ).toBe(true);
      }),
    );
  });
});
