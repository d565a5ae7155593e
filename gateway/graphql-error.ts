import { GraphQLError, type GraphQLFormattedError, Kind } from 'graphql';
import mongoose from 'mongoose';
import { ArgumentValidationError } from 'type-graphql';
import { AppError, toAppError } from '../schema/errors.js';

/** What a caller is told about an error: a stable code, and nothing about our insides. */
export interface PublicError extends GraphQLFormattedError {
  extensions: { code: string; [detail: string]: unknown };
}

/** Errors that say something about the request and not about us carry one of these, by Apollo's names. */
const INVALID_DOCUMENT = 'GRAPHQL_VALIDATION_FAILED';
const INVALID_VARIABLE = 'BAD_USER_INPUT';

/** The error in the words of the public interface. `requestId` is what an internal one can be found by. */
export function publicError(error: GraphQLError, requestId: string): PublicError {
  const { message, locations, path } = error.toJSON();
  const where = { locations, path };
  const known = knownError(error);
  if (!known) {
    const field = fieldOf(error);
    const byDefault = field.field === undefined ? INVALID_DOCUMENT : INVALID_VARIABLE;
    const { code = byDefault, http: _http, stacktrace: _stacktrace, ...rest } = error.extensions;
    return { message, ...where, extensions: { ...rest, ...field, code: String(code) } };
  }
  if (isInternal(known)) {
    const { message: masked } = new AppError('INTERNAL_SERVER_ERROR');
    return { message: masked, ...where, extensions: { code: 'INTERNAL_SERVER_ERROR', requestId } };
  }
  return { message: known.message, ...where, extensions: { ...known.details, code: known.code } };
}

/** Whether somebody must look at this error: it was neither the caller's nor a dependency that is down. */
export const isOurFault = (error: GraphQLError): boolean => {
  const known = knownError(error);
  return known !== undefined && isInternal(known);
};

const isInternal = ({ code }: AppError): boolean => code === 'INTERNAL_SERVER_ERROR' || code === 'INTERNAL';

/** What was thrown, as one of our errors; undefined where GraphQL itself refuses the request. */
function knownError(error: GraphQLError): AppError | undefined {
  const thrown = rootError(error);
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof ArgumentValidationError) return invalidArgument(thrown);
  if (thrown instanceof GraphQLError) {
    return error.path && thrown.extensions['code'] === undefined ? toAppError(thrown) : undefined;
  }
  return isUnreachable(thrown) ? new AppError('UNAVAILABLE', {}, { cause: thrown }) : clientFault(thrown);
}

function rootError(error: GraphQLError): unknown {
  let thrown: unknown = error;
  while (thrown instanceof GraphQLError && thrown.originalError) thrown = thrown.originalError;
  return thrown;
}

/** What the driver puts on errors that another primary, or the same one later, would not answer with. */
const retryLabels = ['RetryableWriteError', 'TransientTransactionError', 'UnknownTransactionCommitResult'];

/** Whether the database could not be reached, or is just electing another primary. */
export const isUnreachable = (error: unknown): boolean =>
  error instanceof mongoose.mongo.MongoServerSelectionError ||
  error instanceof mongoose.mongo.MongoNetworkError ||
  error instanceof mongoose.Error.MongooseServerSelectionError ||
  (error instanceof mongoose.mongo.MongoError && retryLabels.some((label) => error.hasErrorLabel(label)));

/** Errors of the upload parser carry an HTTP status. */
function clientFault(error: unknown): AppError {
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
  if (status < 400 || status >= 500) return toAppError(error);
  return new AppError(
    'BAD_USER_INPUT',
    { field: 'file', message: (error as Error).message },
    { cause: error },
  );
}

/** class-validator's first complaint, about the innermost field. */
function invalidArgument(error: ArgumentValidationError): AppError {
  let [first] = error.extensions.validationErrors;
  while (first?.children?.[0]) first = first.children[0];
  const [message] = Object.values(first?.constraints ?? {});
  return new AppError('BAD_USER_INPUT', { field: first?.property, message: message ?? 'Invalid value.' });
}

/** Where a variable has a value of the wrong type, graphql-js points at its definition. */
function fieldOf({ nodes }: GraphQLError): { field?: string } {
  const [node] = nodes ?? [];
  return node?.kind === Kind.VARIABLE_DEFINITION ? { field: node.variable.name.value } : {};
}
