import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  ContainerSASPermissions,
  generateBlobSASQueryParameters,
  SASProtocol,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import { createReadUrls } from './read-urls.js';

const key = Buffer.alloc(64, 7).toString('base64');
function urlOf(connectionString: string, name = 'a/1/s00000.1.m4s'): URL {
  const { origin, sign } = createReadUrls({ connectionString, container: 'hls' });
  return new URL(origin + sign(600)(name));
}

beforeEach(() => {
  jest.useFakeTimers({ now: new Date('2026-03-04T05:06:07.890Z') });
});
afterEach(() => {
  jest.useRealTimers();
});

describe('signed URLs for reading', () => {
  it.each([
    ['https', SASProtocol.Https],
    ['http', SASProtocol.HttpsAndHttp],
  ])('have over %s what the SDK of storage signs', (scheme, protocol) => {
    const url = urlOf(`DefaultEndpointsProtocol=${scheme};AccountName=films;AccountKey=${key}`);
    const signed = generateBlobSASQueryParameters(
      {
        ...{ containerName: 'hls', permissions: ContainerSASPermissions.parse('r'), protocol },
        ...{ startsOn: new Date('2026-03-04T05:01:07Z'), expiresOn: new Date('2026-03-04T05:16:07Z') },
        version: '2020-12-06',
      },
      new StorageSharedKeyCredential('films', key),
    );
    const theirs = new URLSearchParams(signed.toString());
    expect(Object.fromEntries(url.searchParams)).toEqual(Object.fromEntries(theirs));
    expect(`${url.origin}${url.pathname}`).toBe(
      `${scheme}://films.blob.core.windows.net/hls/a/1/s00000.1.m4s`,
    );
  });

  it('go where the connection string says', () => {
    const account = `AccountName=films;AccountKey=${key}`;
    const places = [
      `${account};EndpointSuffix=core.chinacloudapi.cn`,
      `${account};BlobEndpoint=https://blobs.example.com/films/;`,
      'UseDevelopmentStorage=true',
    ].map((connectionString) => urlOf(connectionString, 'a b'));
    expect(places.map(({ origin, pathname }) => origin + pathname)).toEqual([
      'https://films.blob.core.chinacloudapi.cn/hls/a%20b',
      'https://blobs.example.com/films/hls/a%20b',
      'http://127.0.0.1:10000/devstoreaccount1/hls/a%20b',
    ]);
  });

  it.each(['', 'nonsense', 'AccountName=films', `AccountKey=${key}`])(
    'are refused without an account and its key: %p',
    (connectionString) =>
      expect(() => urlOf(connectionString)).toThrow('has no AccountName or no AccountKey'),
  );
});
