import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** A mail as a server has taken it. */
export interface TakenMail {
  from: string;
  to: string[];
  /** Headers and body, lines ending in \n. */
  data: string;
}

/** The smallest server that mails can be sent to. */
export interface SmtpSink extends AsyncDisposable {
  port: number;
  mails: TakenMail[];
  /** Commands of every session. */
  commands: string[];
}

export interface SmtpSinkOptions {
  /** Never says a word. */
  isSilent?: boolean;
  /** What the next recipients are answered with, instead of 250. */
  refusals?: string[];
}

export async function startSmtpSink(options: SmtpSinkOptions = {}): Promise<SmtpSink> {
  const mails: TakenMail[] = [];
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  const refusals = [...(options.refusals ?? [])];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    if (!options.isSilent) void serve(socket, { mails, commands, refusals });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    ...{ port: (server.address() as AddressInfo).port, mails, commands },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Taken = Pick<SmtpSink, 'mails' | 'commands'> & { refusals: string[] };

/** One session, as RFC 5321 has it. */
async function serve(socket: Socket, { mails, commands, refusals }: Taken): Promise<void> {
  const say = (line: string) => socket.write(`${line}\r\n`);
  let mail: TakenMail = { from: '', to: [], data: '' };
  let isData = false;
  say('220 sink ESMTP');
  for await (const line of createInterface({ input: socket, crlfDelay: Infinity })) {
    if (isData) {
      if (line === '.') {
        isData = false;
        mails.push(mail);
        say('250 taken');
      } else mail.data += `${line.replace(/^\./, '')}\n`;
      continue;
    }
    commands.push(line);
    const [verb = ''] = line.toUpperCase().split(' ');
    const address = /<(.*)>/.exec(line)?.[1] ?? '';
    if (verb === 'EHLO') socket.write('250-sink\r\n250 AUTH PLAIN\r\n');
    else if (verb === 'AUTH') say('235 welcome');
    else if (verb === 'MAIL') {
      mail = { from: address, to: [], data: '' };
      say('250 ok');
    } else if (verb === 'RCPT') {
      const refusal = refusals.shift();
      if (refusal === undefined) mail.to.push(address);
      say(refusal ?? '250 ok');
    } else if (verb === 'DATA') {
      isData = true;
      say('354 go on');
    } else if (verb === 'QUIT') {
      say('221 bye');
      socket.end();
    } else say('250 ok');
  }
}
