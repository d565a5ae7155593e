import type { User } from '../../schema/user.js';
import type { SessionTokens } from './sessions.js';

/** A user, and what they act with. */
export interface SignedIn {
  user: User;
  tokens: SessionTokens;
}
