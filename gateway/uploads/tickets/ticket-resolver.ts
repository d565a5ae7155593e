import { Arg, Ctx, ID, Mutation, Resolver } from 'type-graphql';
import type { BlobContainer } from '../../../platform/blob.js';
import { AppError } from '../../../schema/errors.js';
import { SessionKind } from '../../../schema/upload-session.js';
import { Video } from '../../../schema/video.js';
import { requirePermission } from '../../auth/caller.js';
import type { GatewayContext } from '../../context.js';
import type { ProjectStore } from '../../projects/project-store.js';
import { requireProject } from '../../projects/require-project.js';
import type { VideoStore } from '../../videos/video-store.js';
import type { SessionStore } from '../tus/session-store.js';
import type { UploadLinks } from '../tus/upload-links.js';
import type { BlobCompletion } from './blob-completion.js';
import { BLOB_GRACE_MS, type OpenedSession, type SessionOpener } from './session-opener.js';
import { CreateUploadInput, TicketMethod, UploadTicket } from './ticket-types.js';

export interface TicketDeps {
  projects: Pick<ProjectStore, 'find'>;
  videos: Pick<VideoStore, 'find'>;
  sessions: Pick<SessionStore, 'findOfVideo'>;
  opener: SessionOpener;
  completion: BlobCompletion;
  links: Pick<UploadLinks, 'urlOf'>;
  blobs: Pick<BlobContainer, 'writeUrl'>;
}

/** Uploads in more than one request. */
@Resolver()
export class TicketResolver {
  constructor(private readonly deps: TicketDeps) {}

  @Mutation(() => UploadTicket, {
    description:
      'Begins an upload that can be resumed, or goes straight into blob storage. Errors: NOT_FOUND, UPLOAD_TOO_LARGE ' +
      '(limitBytes), QUOTA_EXCEEDED (limit, max, used), BAD_USER_INPUT (title, filename, sizeBytes, idempotencyKey), ' +
      'CONFLICT where the key was used for another way in, UPLOAD_ENDED where that of the key is over, UNAVAILABLE.',
  })
  async createUpload(
    @Arg('input', () => CreateUploadInput) input: CreateUploadInput,
    @Ctx() context: GatewayContext,
  ): Promise<UploadTicket> {
    const project = await requireProject(this.deps.projects, input.projectId, {
      caller: context.caller,
      permission: 'video:write',
    });
    const method = input.method ?? TicketMethod.TUS;
    const { title, filename, idempotencyKey } = input;
    const upload = { project, kind: method, title, filename: filename ?? '', idempotencyKey };
    const opened = await this.deps.opener.open(
      { ...upload, sizeBytes: input.sizeBytes ?? undefined },
      context,
    );
    return method === TicketMethod.BLOB ? this.blobTicket(opened) : this.tusTicket(opened);
  }

  @Mutation(() => Video, {
    description:
      'Takes over a file that was written straight into blob storage, and queues its video; again: the same video. ' +
      'Errors: NOT_FOUND, CONFLICT (status) where nothing is there yet or nothing is awaited any more, BAD_USER_INPUT ' +
      '(sizeBytes) where it is not what was announced, UNAVAILABLE; UPLOAD_TOO_LARGE, QUOTA_EXCEEDED and ' +
      'UNSUPPORTED_MEDIA (found) end the upload.',
  })
  async completeUpload(
    @Arg('videoId', () => ID) videoId: string,
    @Ctx() { caller }: GatewayContext,
  ): Promise<Video> {
    const find = async (): Promise<Video> => {
      const video = await this.deps.videos.find(videoId, caller);
      if (!video) throw new AppError('NOT_FOUND');
      return video;
    };
    const video = await find();
    requirePermission(caller, 'video:write', video);
    const session = await this.deps.sessions.findOfVideo(videoId);
    if (session?.kind === SessionKind.BLOB) return this.deps.completion.complete(session, find);
    const message = 'The file of this video does not go straight into blob storage.';
    throw new AppError('CONFLICT', { status: video.uploadStatus, message });
  }

  private tusTicket({ video, session }: OpenedSession): UploadTicket {
    const uploadUrl = this.deps.links.urlOf(session._id);
    const headers = [{ name: 'Tus-Resumable', value: '1.0.0' }];
    return { video, method: TicketMethod.TUS, uploadUrl, expiresAt: session.expiresAt, headers };
  }

  private async blobTicket({ video, session }: OpenedSession): Promise<UploadTicket> {
    const expiresAt = new Date(session.expiresAt.getTime() - BLOB_GRACE_MS);
    const seconds = Math.floor((expiresAt.getTime() - Date.now()) / 1000);
    if (seconds < 1) throw new AppError('UPLOAD_ENDED');
    const uploadUrl = await this.deps.blobs.writeUrl(session.blobKey, seconds);
    const headers = [{ name: 'x-ms-blob-type', value: 'BlockBlob' }];
    return { video, method: TicketMethod.BLOB, uploadUrl, expiresAt, headers };
  }
}
