import { mkdirSync } from 'node:fs';
import type { Launch } from './managed-process.js';

/** Azurite's own account, the same on every machine (https://learn.microsoft.com/azure/storage/common/storage-use-azurite). */
const ACCOUNT = 'devstoreaccount1';
const ACCOUNT_KEY =
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

export interface AzuriteOptions {
  main: string;
  dataDir: string;
  port: number;
}

export const azuriteUrl = (port: number) => `http://127.0.0.1:${port}/${ACCOUNT}`;

export const azuriteConnectionString = (port: number) =>
  `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${ACCOUNT_KEY};BlobEndpoint=${azuriteUrl(port)};`;

/** The blob service alone, without telemetry. */
export function prepareAzurite({ main, dataDir, port }: AzuriteOptions): Launch {
  mkdirSync(dataDir, { recursive: true });
  const listen = ['--blobHost', '127.0.0.1', '--blobPort', String(port)];
  const quiet = ['--silent', '--disableTelemetry'];
  return { command: process.execPath, args: [main, ...listen, ...quiet, '--location', dataDir] };
}

/** Any answer will do: without a signature it is a refusal. */
export async function azuriteReady(port: number, signal: AbortSignal): Promise<void> {
  const answer = await fetch(azuriteUrl(port), { signal });
  await answer.body?.cancel();
}
