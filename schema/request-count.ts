import { index, modelOptions, prop } from '@typegoose/typegoose';

/** Requests of one sender in one span of time, as rate-limiter-flexible keeps them. */
@index({ key: 1 }, { unique: true })
@index({ expire: 1 }, { expireAfterSeconds: 0 })
@modelOptions({ schemaOptions: { collection: 'requestCounts' } })
export class RequestCount {
  @prop({ type: String, required: true })
  key!: string;

  @prop({ type: Number, required: true })
  points!: number;

  @prop({ type: Date })
  expire?: Date;
}
