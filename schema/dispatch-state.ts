import { modelOptions, prop, Severity } from '@typegoose/typegoose';
import type { JobLane } from './job.js';

/** Virtual finish times of one organization's flows in the fair order, in work-seconds. */
@modelOptions({ schemaOptions: { collection: 'flows' }, options: { allowMixed: Severity.ALLOW } })
export class Flow {
  /** The organization; with `/IMPORT` its flows in that lane. */
  @prop({ type: String, required: true })
  _id!: string;

  /** By the name of the flow: see `platform/fair-order.ts`. */
  @prop({ type: Object, required: true })
  finish!: Record<string, number>;
}

/** The virtual clock of the fair order in one lane: the largest rank claimed so far. */
@modelOptions({ schemaOptions: { collection: 'dispatchClock' } })
export class DispatchClock {
  @prop({ type: String, required: true })
  _id!: 'clock' | 'imports';

  @prop({ type: Number, required: true })
  virtualTime!: number;
}

export const clockOf = (lane: JobLane): DispatchClock['_id'] => (lane === 'IMPORT' ? 'imports' : 'clock');

/** Whether work is given out at all. */
@modelOptions({ schemaOptions: { collection: 'dispatchControl' } })
export class DispatchControl {
  @prop({ type: String, required: true })
  _id!: 'control';

  @prop({ type: Boolean, required: true })
  isPaused!: boolean;

  @prop({ type: Date, required: true })
  changedAt!: Date;
}

/** How fast chunks have been encoded lately, over all workers. */
@modelOptions({ schemaOptions: { collection: 'workSpeed' } })
export class WorkSpeed {
  @prop({ type: String, required: true })
  _id!: 'chunk';

  /** Weighted pixels that one slot gets through a second. */
  @prop({ type: Number, required: true })
  pixelsPerSecond!: number;
}
