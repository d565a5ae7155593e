import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import type { Launch } from './managed-process.js';
import { repoRoot } from './repo-root.js';

/** Small and quick to start: one node carries a developer's load. */
const jvmFlags = ['-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

export interface KafkaOptions {
  java: string;
  classpath: string;
  dataDir: string;
  ports: { kafka: number; controller: number };
}

/** Writes the broker's settings, formats its storage the first time, and says how to run it. */
export async function prepareKafka({ java, classpath, dataDir, ports }: KafkaOptions): Promise<Launch> {
  mkdirSync(dataDir, { recursive: true });
  const settings = join(dataDir, 'server.properties');
  writeFileSync(settings, kafkaProperties(join(dataDir, 'logs'), ports));
  if (!existsSync(join(dataDir, 'logs/meta.properties'))) {
    const clusterId = randomBytes(16).toString('base64url');
    // One argument: an id may begin with a dash, and would be taken for an option of its own.
    const format = ['kafka.tools.StorageTool', 'format', `--cluster-id=${clusterId}`, '-c', settings];
    await promisify(execFile)(java, ['-XX:TieredStopAtLevel=1', '-cp', classpath, ...format]);
  }
  const log = `-Dlog4j2.configurationFile=${join(repoRoot(), 'local/kafka/log4j2.properties')}`;
  return { command: java, args: [...jvmFlags, log, '-cp', classpath, 'kafka.Kafka', settings] };
}

/** One KRaft node, broker and controller in one (https://kafka.apache.org/documentation/#brokerconfigs). */
export function kafkaProperties(logDir: string, ports: { kafka: number; controller: number }): string {
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${ports.controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${ports.kafka},CONTROLLER://127.0.0.1:${ports.controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${ports.kafka}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'log.dirs': logDir,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'auto.create.topics.enable': false,
    // A broker that was killed may register again as soon as this session has ended.
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
  };
  return `${Object.entries(settings)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')}\n`;
}

/** Resolves when the group coordinator answers, which is about a second after the port does. */
export async function kafkaReady(broker: string): Promise<void> {
  const kafka = new Kafka({
    brokers: [broker],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1_000,
    requestTimeout: 5_000,
    // Without retries kafkajs never asks for the brokers again.
    retry: { initialRetryTime: 100, maxRetryTime: 500, retries: 5 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    await admin.fetchOffsets({ groupId: 'local-stack-ready' });
  } finally {
    await admin.disconnect();
  }
}
