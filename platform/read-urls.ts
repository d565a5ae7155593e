import { createHmac } from 'node:crypto';

/** What signs the reading of any blob of one container: for a process that reads many blobs and tells nobody. */
export interface ReadUrls {
  /** Of the server, to which the signed paths belong. */
  readonly origin: string;
  /** Paths of blobs, with a query that lets read them until so many seconds are over. */
  readonly sign: (expiresInSeconds: number) => (name: string) => string;
}

/** Clocks of signer and storage may differ by this much, milliseconds. */
export const CLOCK_SKEW_MS = 5 * 60_000;

/** Which form of signatures this is. */
const VERSION = '2020-12-06';

/**
 * Service signatures for a container, right to read.
 * https://learn.microsoft.com/rest/api/storageservices/create-service-sas
 * @throws Error for a connection string without an account and its key
 */
export function createReadUrls(deps: { connectionString: string; container: string }): ReadUrls {
  const { name: account, key, url } = parseAccount(deps.connectionString);
  const { origin, pathname } = new URL(`${url}/${deps.container}/`);
  const protocol = origin.startsWith('https:') ? 'https' : 'https,http';
  const sign = (expiresInSeconds: number) => {
    const now = Date.now();
    const [start, expiry] = [now - CLOCK_SKEW_MS, now + expiresInSeconds * 1000].map(inSeconds);
    const resource = `/blob/${account}/${deps.container}`;
    // Then: no stored policy, any address; no snapshot, no encryption scope, no headers of the answer.
    const text = ['r', start, expiry, resource, '', '', protocol, VERSION, 'c', '', '', '', '', '', '', ''];
    const query = new URLSearchParams({
      ...{ sv: VERSION, spr: protocol, st: start ?? '', se: expiry ?? '', sr: 'c', sp: 'r' },
      sig: createHmac('sha256', key).update(text.join('\n')).digest('base64'),
    });
    const signature = query.toString();
    return (name: string) => `${pathname}${encodeURI(name)}?${signature}`;
  };
  return { origin, sign };
}

const inSeconds = (time: number): string => `${new Date(time).toISOString().slice(0, -5)}Z`;

interface StorageAccount {
  name: string;
  key: Buffer;
  /** Of its blobs, without a slash at the end. */
  url: string;
}

/** Public: https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string */
const developmentStorage = {
  AccountName: 'devstoreaccount1',
  AccountKey: 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==',
  BlobEndpoint: 'http://127.0.0.1:10000/devstoreaccount1',
};

function parseAccount(connectionString: string): StorageAccount {
  const parts = connectionString.split(';').map((part) => {
    const [name = '', ...value] = part.split('=');
    return [name.trim(), value.join('=').trim()];
  });
  const given = Object.fromEntries(parts) as Record<string, string | undefined>;
  const isDevelopment = given.UseDevelopmentStorage === 'true';
  const { AccountName, AccountKey, ...of } = isDevelopment ? developmentStorage : given;
  if (!AccountName || !AccountKey) {
    throw new Error('AZURE_STORAGE_CONNECTION_STRING has no AccountName or no AccountKey');
  }
  const { DefaultEndpointsProtocol: protocol = 'https', EndpointSuffix = 'core.windows.net' } = given;
  const url = of.BlobEndpoint ?? `${protocol}://${AccountName}.blob.${EndpointSuffix}`;
  return { name: AccountName, key: Buffer.from(AccountKey, 'base64'), url: url.replace(/\/+$/, '') };
}
