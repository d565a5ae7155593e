import { index, modelOptions, prop } from '@typegoose/typegoose';
import { permissions, type Permission } from './permissions.js';

/** A credential of a program. The secret itself is shown once and never stored. */
@index({ projectId: 1 })
@modelOptions({ schemaOptions: { collection: 'apiKeys', timestamps: true } })
export class ApiKey {
  @prop({ type: String, required: true })
  _id!: string;

  /** Absent for a key of the installation. */
  @prop({ type: String })
  organizationId?: string;

  @prop({ type: String })
  projectId?: string;

  @prop({ type: String, required: true })
  name!: string;

  /** SHA-256 of the secret, hex. */
  @prop({ type: String, required: true })
  secretHash!: string;

  @prop({ type: () => [String], required: true, enum: permissions })
  scopes!: Permission[];

  @prop({ type: Date })
  expiresAt?: Date;

  @prop({ type: Date })
  revokedAt?: Date;

  @prop({ type: Date })
  lastUsedAt?: Date;

  createdAt!: Date;
}
