import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { exec } from './exec.mjs';
import { inRoot, toolsDir } from './paths.mjs';
import { SetupError } from './run-steps.mjs';

const jars = join(toolsDir, 'kafka-4.1.1');

/** Class path of the broker, or undefined where it is not there yet. */
export function findKafkaClasspath() {
  const home = process.env.KAFKA_HOME;
  if (home) {
    if (hasJars(join(home, 'libs'))) return join(home, 'libs/*');
    throw new SetupError(
      `KAFKA_HOME is ${home}, which has no libs/*.jar: point it at an unpacked Kafka release.`,
    );
  }
  return hasJars(jars) ? `${jars}/*` : undefined;
}

export const kafkaJars = {
  title: 'Kafka 4.1.1',
  isDone: () => Boolean(findKafkaClasspath()),
  async run() {
    const draft = `${jars}.part`;
    rmSync(draft, { recursive: true, force: true });
    mkdirSync(draft, { recursive: true });
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${draft}`, '-DincludeScope=runtime'];
    await exec('mvn', ['-q', '-B', '-f', inRoot('local/kafka/pom.xml'), ...goal]).catch((error) => {
      throw new SetupError(
        `${error.message}\nKafka did not download: try again, or set KAFKA_HOME or KAFKA_BROKERS.`,
      );
    });
    renameSync(draft, jars);
  },
};

function hasJars(folder) {
  return existsSync(folder) && readdirSync(folder).some((file) => /^kafka_2\.13-.*\.jar$/.test(file));
}
