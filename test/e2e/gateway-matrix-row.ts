/**
 * Who asks: nobody in particular, the four kinds of members of one organization, a key with all that the key
 * of a project may have, and the two that have the whole installation.
 */
export const matrixRoles = [
  'nobody',
  'viewer',
  'member',
  'admin',
  'owner',
  'projectKey',
  'superAdmin',
  'adminKey',
] as const;
export type MatrixRole = (typeof matrixRoles)[number];

/** How a question ends: with data, with null, or with an error of this code. */
export type Outcome =
  | 'answered'
  | 'null'
  | 'NOT_FOUND'
  | 'BAD_USER_INPUT'
  | 'CONFLICT'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN';

/** Who may do one thing. It is said here once more, so that no slip in the gateway's own table goes unnoticed. */
export interface MatrixRow {
  /** Name of the operation in the schema. */
  operation: string;
  /** Which case of it, where there are several. */
  when?: string;
  /** Who may; nobody is UNAUTHENTICATED else, and the others FORBIDDEN. */
  who: readonly MatrixRole[];
  /** Of whom the case tells, where not of everybody. */
  asked?: readonly MatrixRole[];
  /** Outcome for who may; `answered` where absent. */
  outcome?: Outcome;
  /**
   * What things that are missing, or of an organization that one has no part in, are to who may; `left out`:
   * of a list. Absent: it is about no thing of an organization.
   */
  elsewhere?: Outcome | 'left out';
  /** Whether it ends what its caller is. */
  spendsCaller?: boolean;
  /** Its variables are names of things: see `gateway-matrix-things.ts`. */
  document: string;
}

export const operators = ['superAdmin', 'adminKey'] as const;
export const owners = ['owner', ...operators] as const;
export const admins = ['admin', ...owners] as const;
export const members = ['member', ...admins] as const;
export const viewers = ['viewer', ...members] as const;
export const users = ['viewer', 'member', 'admin', 'owner', 'superAdmin'] as const;
export const partners = ['viewer', 'member', 'admin', 'owner'] as const;
export const everybody = matrixRoles;
