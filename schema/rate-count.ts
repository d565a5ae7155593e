import { index, modelOptions, prop } from '@typegoose/typegoose';

/** What somebody has done within a while, in the form that rate-limiter-flexible reads and writes. */
@index({ key: 1 }, { unique: true })
@index({ expire: 1 }, { expireAfterSeconds: 0 })
@modelOptions({ schemaOptions: { collection: 'rateCounts' } })
export class RateCount {
  /** What is limited, and for whom. */
  @prop({ type: String, required: true })
  key!: string;

  @prop({ type: Number, required: true })
  points!: number;

  @prop({ type: Date })
  expire?: Date;
}
