import { describe, expect, it } from '@jest/globals';
import { filenameOf } from './import-service.js';

const nameOf = (path: string): string => filenameOf(new URL(path, 'https://media.example'));

describe('the file name of an address', () => {
  it.each([
    ['/films/a%20b.mp4?sig=x/y.mov', 'a b.mp4'],
    ['/films/', 'media.example'],
    ['', 'media.example'],
    ['/%E0%A4%A', '%E0%A4%A'],
    ['/..%2F..%2Fetc%2Fpasswd', 'passwd'],
    ['/%20', 'media.example'],
  ])('of %s is %s', (path, name) => {
    expect(nameOf(path)).toBe(name);
  });
});
