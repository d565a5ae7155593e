import type { z } from 'zod';
import { AppError } from '../../schema/errors.js';

/**
 * A part of a request, as its schema has it.
 * @throws AppError BAD_USER_INPUT (field)
 */
export function checkPart<T>(schema: z.ZodType<T>, value: unknown, part: string): T {
  const { data, error } = schema.safeParse(value);
  if (!error) return data;
  const [issue] = error.issues;
  throw new AppError('BAD_USER_INPUT', {
    field: issue?.path.join('.') || part,
    message: issue?.message ?? `The ${part} is not valid.`,
  });
}
