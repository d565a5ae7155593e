import { index, modelOptions, prop } from '@typegoose/typegoose';

/** What the autoscaler of one processor changed last, or could not change (`from` is `to`), and why. */
@modelOptions({ schemaOptions: { _id: false } })
export class ScalingDecision {
  @prop({ type: Date, required: true })
  at!: Date;

  @prop({ type: Number, required: true })
  from!: number;

  @prop({ type: Number, required: true })
  to!: number;

  /** For an operator to read. */
  @prop({ type: String, required: true })
  reason!: string;
}

/** A processor that is alive: it renews `aliveUntil`, and vanishes when it stops doing so. */
@index({ aliveUntil: 1 }, { expireAfterSeconds: 0 })
@modelOptions({ schemaOptions: { collection: 'workers' } })
export class Worker {
  @prop({ type: String, required: true })
  _id!: string;

  @prop({ type: String, required: true })
  host!: string;

  @prop({ type: Number, required: true })
  pid!: number;

  @prop({ type: Date, required: true })
  startedAt!: Date;

  @prop({ type: Date, required: true })
  aliveUntil!: Date;

  /** Slots, each with a Kafka consumer, and how many of them work right now. */
  @prop({ type: Number, required: true })
  slots!: number;

  @prop({ type: Number, required: true })
  busy!: number;

  /** Between how many and how many slots the autoscaler may choose. */
  @prop({ type: Number, required: true })
  minSlots!: number;

  @prop({ type: Number, required: true })
  maxSlots!: number;

  /** Set by an administrator: the worker ends what it has and takes nothing new. */
  @prop({ type: Boolean })
  isDraining?: boolean;

  @prop({ type: () => ScalingDecision })
  decision?: ScalingDecision;
}

/** Condition of the workers that are alive, by the database's clock: the index forgets them later. */
export const isAlive = { $expr: { $gt: ['$aliveUntil', '$$NOW'] } };
