import { Busboy, type BusboyInstance } from '@fastify/busboy';
import type { IncomingHttpHeaders } from 'node:http';
import { pipeline, type Readable, Transform } from 'node:stream';
import { AppError } from '../../schema/errors.js';
import { filmTitle } from '../../schema/rest/upload-routes.js';

/** A form whose file has begun to arrive. */
export interface FilmForm {
  /** As the sender calls it. */
  filename: string;
  /**
   * The bytes of the file. It ends once the whole form has arrived as it should be, and fails otherwise: AppError
   * BAD_USER_INPUT (field), UPLOAD_ABORTED.
   */
  source: Readable;
  /** Known where it stands before the file, and once `source` has ended. */
  title: () => string | undefined;
}

/** Where the parts of a form come from. */
export type FormRequest = Readable & { headers: IncomingHttpHeaders };

/** One more of each than there may be: so that the one too many is seen and named. */
const limits = { files: 2, fields: 2, parts: 3, fieldSize: 4_096, headerPairs: 32, headerSize: 16_384 };

/**
 * Reads a form of one `file` and, before or after it, perhaps a `title`, as far as the file's beginning.
 * @throws AppError BAD_USER_INPUT (field) where it is anything else, UPLOAD_ABORTED
 */
export async function readFilmForm(request: FormRequest): Promise<FilmForm> {
  const form = formParser(request);
  const begun = Promise.withResolvers<FilmForm>();
  const whole = Promise.withResolvers<void>();
  whole.promise.catch(() => undefined);
  let source: Transform | undefined;
  let title: string | undefined;

  function refuse(error: AppError): void {
    request.unpipe(form);
    whole.reject(error);
    begun.reject(error);
    source?.destroy(error);
  }

  form.on('field', (name, value, _nameCut, valueCut) => {
    if (name !== 'title') return refuse(unexpected(name));
    const given = filmTitle.safeParse(value);
    if (title !== undefined || valueCut || !given.success) return refuse(badTitle());
    title = given.data;
  });
  form.on('file', (name, file, filename: string | undefined) => {
    // Where the request ends within it, the parser tells the file too.
    file.on('error', () => undefined);
    if (source || name !== 'file') {
      file.resume();
      return refuse(source ? badFile('A form has one file.') : unexpected(name));
    }
    source = passUntil(whole.promise);
    pipeline(file, source, () => undefined);
    // Nobody may be reading any more when it fails.
    source.on('error', () => undefined);
    begun.resolve({ filename: filename ?? '', source, title: () => title });
  });
  form.on('partsLimit', () => refuse(badFile('A form has one file and a title.')));
  form.on('finish', () => (source ? whole.resolve() : refuse(badFile('The form has no file.'))));
  form.on('error', (cause) => refuse(source ? aborted(cause) : badFile('This is not a form.', cause)));
  request.once('close', () => request.readableEnded || refuse(aborted()));
  request.once('error', (cause) => refuse(aborted(cause)));
  // A pipeline would close the connection with the parser, before the sender has its answer.
  request.pipe(form);
  return begun.promise;
}

function formParser({ headers }: FormRequest): BusboyInstance {
  const type = headers['content-type'] ?? '';
  try {
    return new Busboy({ headers: { ...headers, 'content-type': type }, limits });
  } catch (cause) {
    throw badFile('This is not a form.', cause);
  }
}

/** Passes on everything, and ends when `whole` does. */
const passUntil = (whole: Promise<void>): Transform =>
  new Transform({
    transform: (chunk, _encoding, done) => done(null, chunk),
    flush: (done) => void whole.then(() => done(), done),
  });

const badFile = (message: string, cause?: unknown): AppError =>
  new AppError('BAD_USER_INPUT', { field: 'file', message }, { cause });

const badTitle = (): AppError =>
  new AppError('BAD_USER_INPUT', {
    field: 'title',
    message: 'A title has 1–255 characters, and there is one.',
  });

const unexpected = (field: string): AppError =>
  new AppError('BAD_USER_INPUT', { field, message: 'A form has one file, named file, and perhaps a title.' });

const aborted = (cause?: unknown): AppError => new AppError('UPLOAD_ABORTED', {}, { cause });
