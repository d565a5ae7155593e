/**
 * Gets this machine ready, then runs one of the platform's programs: `node local/setup.mjs --then start …`.
 * Plain Node 20 without packages, since it installs them.
 */
import { existsSync } from 'node:fs';
import { chromium, findChromium, playwrightChromium } from './setup/browser.mjs';
import { build } from './setup/build.mjs';
import { installAzurite, installPackages } from './setup/dependencies.mjs';
import { findKafkaClasspath, kafkaJars } from './setup/kafka-jars.mjs';
import { findMongod, mongodBinary } from './setup/mongod-binary.mjs';
import { inRoot } from './setup/paths.mjs';
import { desktopPlayers } from './setup/players.mjs';
import { runSteps, SetupError } from './setup/run-steps.mjs';
import { runTarget } from './setup/run-target.mjs';
import { runningStackEnv } from './setup/running-stack.mjs';
import { python, schemathesis, wantsPython } from './setup/schemathesis.mjs';
import {
  ffmpeg,
  findJava,
  isUbuntu,
  java,
  maven,
  nginx,
  systemPackages,
  wrk,
} from './setup/system-packages.mjs';
import { targets } from './setup/targets.mjs';
import { readTools, rememberTools } from './setup/tools-file.mjs';

const [then, name, ...rest] = process.argv.slice(2);
const target = then === '--then' ? targets[name] : undefined;

/** A server is needed here unless the environment names one that runs elsewhere. */
function neededServers() {
  const needs = (variable) => Boolean(target.servers) && !process.env[variable];
  return {
    kafka: needs('KAFKA_BROKERS'),
    mongod: needs('MONGO_URL'),
    azurite: needs('AZURE_STORAGE_CONNECTION_STRING'),
  };
}

function neededSteps(servers) {
  const wanted = [
    target.media && ffmpeg,
    target.browser && !isUbuntu() && chromium,
    servers.kafka && java,
    servers.kafka && !findKafkaClasspath() && maven,
    target.fuzz && wantsPython() && python,
    target.proxy && nginx,
    target.load && wrk,
    ...(target.players ? desktopPlayers : []),
  ];
  const programs = systemPackages(wanted.filter(Boolean));
  return [
    installPackages,
    programs,
    servers.azurite && installAzurite,
    servers.kafka && { ...kafkaJars, after: [programs] },
    servers.mongod && { ...mongodBinary, after: [installPackages] },
    target.build && { ...build, after: [installPackages] },
    target.browser && isUbuntu() && { ...playwrightChromium, after: [installPackages, programs] },
    target.fuzz && { ...schemathesis, after: [programs] },
  ].filter(Boolean);
}

/** Tells the stack where everything is; written only where something moved. */
function rememberFindings(servers) {
  const found = {
    ...(servers.kafka && { java: findJava(), kafkaClasspath: findKafkaClasspath() }),
    ...(servers.mongod && { mongod: findMongod() }),
    ...(servers.azurite && { azurite: inRoot('local/azurite/node_modules/azurite/dist/src/blob/main.js') }),
  };
  const known = readTools();
  if (Object.entries(found).some(([key, value]) => known[key] !== value)) rememberTools(found);
}

try {
  if (!target)
    throw new SetupError(`Usage: node local/setup.mjs --then ${Object.keys(targets).join('|')} [arguments]`);
  // Tests bring their own settings: a developer's must not reach them.
  if (
    !['test', 'faults', 'players'].includes(name) &&
    process.env.NODE_ENV !== 'production' &&
    existsSync(inRoot('.env'))
  ) {
    process.loadEnvFile(inRoot('.env'));
  }
  const servers = neededServers();
  await runSteps(neededSteps(servers));
  rememberFindings(servers);
  const browser = target.browser && findChromium();
  runTarget([...target.args, ...rest], {
    ...(target.joins && runningStackEnv()),
    ...process.env,
    ...target.env,
    ...(browser && { CHROMIUM_PATH: browser }),
  });
} catch (error) {
  console.error(error instanceof SetupError ? error.message : error);
  process.exit(1);
}
