import { describe, expect, it } from '@jest/globals';
import { GraphQLError } from 'graphql';
import mongoose from 'mongoose';
import { AppError } from '../schema/errors.js';
import { isOurFault, publicError } from './graphql-error.js';

const thrown = (originalError: Error) =>
  new GraphQLError(originalError.message, { originalError, path: ['video'] });
const told = (error: GraphQLError) => publicError(error, 'request-1');

describe('what callers are told of an error', () => {
  it('is the code and the details of ours', () => {
    expect(told(thrown(new AppError('UPLOAD_TOO_LARGE', { limitBytes: 10 })))).toEqual({
      message: 'The file is larger than this server accepts.',
      path: ['video'],
      extensions: { code: 'UPLOAD_TOO_LARGE', limitBytes: 10 },
    });
  });

  it.each([
    new Error('secret'),
    new TypeError('secret'),
    new AppError('INTERNAL', { message: 'secret' }),
    new GraphQLError('secret'),
  ])('is nothing but the id of the request where the fault is ours: %s', (error) => {
    const wrapped = thrown(error);
    expect(isOurFault(wrapped)).toBe(true);
    expect(told(wrapped).extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', requestId: 'request-1' });
    expect(JSON.stringify(told(wrapped))).not.toContain('secret');
  });

  it('is to retry where the database cannot be reached', () => {
    const error = thrown(new mongoose.mongo.MongoNetworkError('connect ECONNREFUSED 10.0.0.7:27017'));
    expect(isOurFault(error)).toBe(false);
    expect(told(error)).toMatchObject({
      message: expect.not.stringContaining('10.0'),
      extensions: { code: 'UNAVAILABLE' },
    });
  });

  it('is what GraphQL says of a document, with a code', () => {
    expect(told(new GraphQLError('Unknown field.'))).toMatchObject({
      message: 'Unknown field.',
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    });
  });

  it('names the file where the upload parser complains', () => {
    const complaint = Object.assign(new Error('File missing in the request.'), { status: 400 });
    expect(told(thrown(complaint)).extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'file' });
  });
});
