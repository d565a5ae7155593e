import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import type { JobClass } from './job.js';

/** Virtual finish times of one organization's flows in the fair order, in work-seconds. */
@modelOptions({ schemaOptions: { collection: 'flows' }, options: { allowMixed: Severity.ALLOW } })
export class Flow {
  /** The organization. */
  @prop({ type: String, required: true })
  _id!: string;

  @prop({ type: Object, required: true })
  finish!: Record<JobClass, number>;
}

/** The virtual clock of the fair order: the largest rank claimed so far. */
@modelOptions({ schemaOptions: { collection: 'dispatchClock' } })
export class DispatchClock {
  @prop({ type: String, required: true })
  _id!: 'clock';

  @prop({ type: Number, required: true })
  virtualTime!: number;
}
