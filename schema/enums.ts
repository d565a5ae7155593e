export const UploadStatus = {
  WAITING: 'WAITING',
  RECEIVING: 'RECEIVING',
  RECEIVED: 'RECEIVED',
  FAILED: 'FAILED',
  EXPIRED: 'EXPIRED',
} as const;
export type UploadStatus = (typeof UploadStatus)[keyof typeof UploadStatus];

export const VideoStatus = {
  QUEUED: 'QUEUED',
  PROCESSING: 'PROCESSING',
  READY: 'READY',
  FAILED: 'FAILED',
  STOPPED: 'STOPPED',
} as const;
export type VideoStatus = (typeof VideoStatus)[keyof typeof VideoStatus];

export const ProcessingStage = {
  UPLOADING: 'UPLOADING',
  QUEUED: 'QUEUED',
  PLANNING: 'PLANNING',
  TRANSCODING: 'TRANSCODING',
  FINISHING: 'FINISHING',
  DONE: 'DONE',
} as const;
export type ProcessingStage = (typeof ProcessingStage)[keyof typeof ProcessingStage];

/** How urgent a video is within its organization: others keep their share. */
export const Priority = { LOW: 'LOW', NORMAL: 'NORMAL', HIGH: 'HIGH' } as const;
export type Priority = (typeof Priority)[keyof typeof Priority];

/** A source that may still arrive. */
export const awaitedUploads: readonly UploadStatus[] = [UploadStatus.WAITING, UploadStatus.RECEIVING];

/** Statuses that only a new generation leaves. */
export const terminalStatuses: readonly VideoStatus[] = [
  VideoStatus.READY,
  VideoStatus.FAILED,
  VideoStatus.STOPPED,
];

/** Statuses of a generation that is still to come to its end. */
export const unfinishedStatuses: readonly VideoStatus[] = [VideoStatus.QUEUED, VideoStatus.PROCESSING];

export const isTerminal = (status: VideoStatus): boolean => terminalStatuses.includes(status);
