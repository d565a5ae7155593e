import { describe, expect, it } from '@jest/globals';
import type { CaptionTrack } from '../../schema/captions.js';
import { addTrack, MAX_TRACKS, removeTrack } from './caption-tracks.js';

const track = (language: string, change: Partial<CaptionTrack> = {}): CaptionTrack => ({
  ...{ id: `captions_${language}`, language, label: language, kind: 'SUBTITLES', isDefault: false },
  ...{ revision: 1, addedAt: new Date(0) },
  ...change,
});

const [de, en] = [track('de', { isDefault: true }), track('en')];

describe('addTrack', () => {
  it('adds a language at the end, and replaces one in its place', () => {
    expect(addTrack([de], en)).toEqual({ tracks: [de, en], dropped: [] });
    const newer = track('de', { id: 'captions_2' });
    expect(addTrack([de, en], newer)).toEqual({ tracks: [newer, en], dropped: [de] });
  });

  it('leaves one that is shown by itself', () => {
    const fr = track('fr', { isDefault: true });
    expect(addTrack([de, en], fr).tracks).toEqual([{ ...de, isDefault: false }, en, fr]);
  });

  it('has an end, but for those that are replaced', () => {
    const many = Array.from({ length: MAX_TRACKS }, (_, n) => track(`x${n}`));
    expect(() => addTrack(many, de)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
    expect(addTrack(many, track('x7')).tracks).toHaveLength(MAX_TRACKS);
  });
});

describe('removeTrack', () => {
  it('takes one language away', () => {
    expect(removeTrack([de, en], 'de')).toEqual({ tracks: [en], dropped: [de] });
    expect(() => removeTrack([en], 'de')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });
});
