import { index, modelOptions, prop } from '@typegoose/typegoose';

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
}
