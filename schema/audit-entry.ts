import { index, modelOptions, prop, Severity } from '@typegoose/typegoose';

/** One privileged act: who did what, to what, from where, and how it ended. Only ever added. */
@index({ at: -1 })
@index({ target: 1, at: -1 })
@modelOptions({ schemaOptions: { collection: 'auditLog' }, options: { allowMixed: Severity.ALLOW } })
export class AuditEntry {
  @prop({ type: String, required: true })
  _id!: string;

  @prop({ type: Date, required: true })
  at!: Date;

  /** Id of the API key. */
  @prop({ type: String, required: true })
  actor!: string;

  /** Name of the operation: `stopVideo`. */
  @prop({ type: String, required: true })
  action!: string;

  /** Id of what it was done to; absent for the installation as a whole. */
  @prop({ type: String })
  target?: string;

  /** What was asked for, without secrets. */
  @prop({ type: Object })
  details?: Record<string, unknown>;

  /** OK, or the code of the error. */
  @prop({ type: String, required: true })
  result!: string;

  @prop({ type: String })
  address?: string;

  @prop({ type: String, required: true })
  requestId!: string;
}
