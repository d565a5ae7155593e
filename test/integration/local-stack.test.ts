import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import mongoose from 'mongoose';
import { processIdentity } from '../../local/process-identity.js';
import { retryUntil } from '../../local/retry-until.js';
import { startStack, type Stack } from '../../local/stack.js';
import { builtProgram } from '../support/built-program.js';
import { temporaryFolder } from '../support/temporary-folder.js';

describe('the embedded stack', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ dataDir: temporaryFolder() });
  }, 90_000);
  afterAll(() => stack.stop(), 60_000);

  it('delivers a message, and keeps it through a crash of the broker', async () => {
    const kafka = new Kafka({ brokers: [stack.env.KAFKA_BROKERS ?? ''], logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'films', numPartitions: 1 }], waitForLeaders: true });
    await admin.disconnect();
    const producer = kafka.producer({ idempotent: true });
    await producer.connect();
    await producer.send({ topic: 'films', acks: -1, messages: [{ key: 'k', value: 'before the crash' }] });
    await producer.disconnect();

    await stack.servers.kafka?.kill();
    await stack.servers.kafka?.start();
    expect(await firstMessage(kafka, 'films')).toBe('before the crash');
  }, 90_000);

  it('runs transactions, and keeps what they wrote through a crash of the server', async () => {
    await using connection = await openMongo(stack.env.MONGO_URL ?? '');
    const films = connection.client.collection('films');
    await connection.client.transaction(async (session) => {
      await films.insertOne({ title: 'kept' }, { session });
    });
    const broken = connection.client.transaction(async (session) => {
      await films.insertOne({ title: 'undone' }, { session });
      throw new Error('changed my mind');
    });
    await expect(broken).rejects.toThrow('changed my mind');

    await stack.servers.mongod?.kill();
    await stack.servers.mongod?.start();
    const titles = await retryUntil(() => films.distinct('title'), {
      signal: AbortSignal.timeout(20_000),
      everyMs: 200,
    });
    expect(titles).toEqual(['kept']);
  }, 60_000);

  it('keeps a blob', async () => {
    const service = BlobServiceClient.fromConnectionString(stack.env.AZURE_STORAGE_CONNECTION_STRING ?? '');
    const container = service.getContainerClient('films');
    await container.create();
    await container.getBlockBlobClient('a/b.mp4').uploadData(Buffer.from('bytes'));
    const read = await container.getBlockBlobClient('a/b.mp4').downloadToBuffer();
    expect(read.toString()).toBe('bytes');
  });
});

describe('a starter that is killed', () => {
  it('leaves no process behind, and its folder to the next one', async () => {
    const dataDir = temporaryFolder();
    const first = await forkStack(dataDir);
    expect(first.pids.filter((pid) => !processIdentity(pid))).toEqual([]);
    first.starter.kill('SIGKILL');
    await once(first.starter, 'exit');

    // The next one waits until the servers of the first are gone.
    const second = await forkStack(dataDir);
    expect(first.pids.filter((pid) => processIdentity(pid))).toEqual([]);
    second.starter.disconnect();
    const [code] = (await once(second.starter, 'exit')) as [number | null];
    expect(code).toBe(0);
    expect(second.pids.filter((pid) => processIdentity(pid))).toEqual([]);
  }, 120_000);
});

async function forkStack(dataDir: string): Promise<{ starter: ChildProcess; pids: number[] }> {
  const given = { KAFKA_BROKERS: '', MONGO_URL: '', AZURE_STORAGE_CONNECTION_STRING: '' };
  const [quiet = '', program = ''] = builtProgram('local/run-stack');
  const starter = fork(program, ['--any-ports'], {
    execArgv: [quiet],
    env: { ...process.env, ...given, NODE_OPTIONS: '', DATA_DIR: dataDir },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(starter, 'exit').then(([code]) => {
    throw new Error(`the starter ended with ${code}`);
  });
  ended.catch(() => undefined);
  const started = once(starter, 'message', { signal: AbortSignal.timeout(60_000) });
  const [message] = (await Promise.race([started, ended])) as [{ pids: number[] }];
  return { starter, pids: message.pids };
}

async function firstMessage(kafka: Kafka, topic: string): Promise<string> {
  const consumer = kafka.consumer({ groupId: 'reader' });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  try {
    return await new Promise<string>((resolve, reject) => {
      const eachMessage = ({ message }: { message: { value: Buffer | null } }) => {
        resolve(String(message.value));
        return Promise.resolve();
      };
      consumer.run({ eachMessage }).catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
}

async function openMongo(url: string): Promise<AsyncDisposable & { client: mongoose.Connection }> {
  const client = await mongoose.createConnection(url).asPromise();
  client.on('error', () => undefined);
  return { client, [Symbol.asyncDispose]: () => client.close() };
}
