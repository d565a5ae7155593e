import type { ClientSession } from 'mongoose';

/** Links that make their reader a member of an organization. */
export interface Invitations {
  /** @throws AppError CONFLICT, NOT_FOUND where the invitation was used, taken back or has expired. */
  accept(token: string, userId: string, session: ClientSession): Promise<void>;
}
