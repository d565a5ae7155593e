import { Arg, Args, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { keyPrefix } from '../../platform/api-keys.js';
import { ApiKey } from '../../schema/api-key.js';
import { AppError } from '../../schema/errors.js';
import type { PlacedActs } from '../admin/placed-acts.js';
import { placeOf } from '../auth/caller.js';
import type { GatewayContext } from '../context.js';
import type { ProjectStore } from '../projects/project-store.js';
import { requireProject } from '../projects/require-project.js';
import { requiredText } from '../videos/display-text.js';
import {
  CreateApiKeyInput,
  DEFAULT_OVERLAP_SECONDS,
  IssuedApiKey,
  RotateApiKeyArgs,
} from './api-key-inputs.js';
import type { ApiKeyStore } from './api-key-store.js';
import { requireFuture, restrictionsOf } from './key-settings.js';

/** The keys of projects: made, listed, rotated, revoked. */
@Resolver(() => ApiKey)
export class ApiKeyResolver {
  constructor(
    private readonly deps: {
      keys: ApiKeyStore;
      projects: Pick<ProjectStore, 'find'>;
      acts: PlacedActs;
    },
  ) {}

  @FieldResolver(() => String, { description: 'What the credential begins with: it is no secret.' })
  prefix(@Root() { _id }: ApiKey): string {
    return keyPrefix(_id);
  }

  @Query(() => [ApiKey], {
    description:
      'Keys of a project, those that have ended included, the newest first, at most 1,000. Errors: ' +
      'NOT_FOUND, FORBIDDEN.',
  })
  async apiKeys(
    @Arg('projectId', () => ID) projectId: string,
    @Ctx() { caller }: GatewayContext,
  ): Promise<ApiKey[]> {
    const { keys, projects } = this.deps;
    await requireProject(projects, projectId, { caller, permission: 'key:read' });
    return keys.ofProject(projectId);
  }

  @Mutation(() => IssuedApiKey, {
    description:
      'A new key of a project. Errors: NOT_FOUND, FORBIDDEN, BAD_USER_INPUT (name, scopes, expiresAt, cidrs, ' +
      'origins).',
  })
  async createApiKey(
    @Arg('input', () => CreateApiKeyInput) input: CreateApiKeyInput,
    @Ctx() context: GatewayContext,
  ): Promise<IssuedApiKey> {
    const { acts, keys, projects } = this.deps;
    const { projectId, scopes } = input;
    const settings = {
      ...{ name: requiredText('name', input.name), scopes },
      ...{ expiresAt: requireFuture(input.expiresAt, Date.now()), ...restrictionsOf(input) },
    };
    const project = await projects.find(projectId, context.caller);
    const act = {
      ...{ action: 'createApiKey', target: projectId, details: settings },
      ...{ place: project && placeOf(project), permission: 'key:write' as const },
    };
    const createdBy = context.caller.id;
    return acts.record(act, context, (place) => keys.create({ ...settings, ...place, createdBy }), keyIdIn);
  }

  @Mutation(() => IssuedApiKey, {
    description:
      'A new key with the settings of this one, which works for a while longer. Two keys that took each ' +
      "other's place live at a time, at most. Errors: NOT_FOUND, FORBIDDEN, CONFLICT where the key has ended or " +
      'was rotated already, or the one before it still lives, BAD_USER_INPUT (oldExpiresInSeconds).',
  })
  async rotateApiKey(
    @Args(() => RotateApiKeyArgs) { id, oldExpiresInSeconds: overlap }: RotateApiKeyArgs,
    @Ctx() context: GatewayContext,
  ): Promise<IssuedApiKey> {
    const { acts, keys } = this.deps;
    const oldEndsAt = new Date(Date.now() + (overlap ?? DEFAULT_OVERLAP_SECONDS) * 1_000);
    const found = await keys.find(id, context.caller);
    const act = {
      ...{ action: 'rotateApiKey', target: id, details: { oldEndsAt } },
      ...{ place: found, permission: 'key:write' as const },
    };
    const createdBy = context.caller.id;
    return acts.record(act, context, (old) => keys.rotate(old, { oldEndsAt, createdBy }), keyIdIn);
  }

  @Mutation(() => ApiKey, {
    description:
      'Ends a key: within 5 seconds it is refused everywhere. Revoking it again changes nothing. Errors: ' +
      'NOT_FOUND, FORBIDDEN.',
  })
  async revokeApiKey(@Arg('id', () => ID) id: string, @Ctx() context: GatewayContext): Promise<ApiKey> {
    const { acts, keys } = this.deps;
    const place = await keys.find(id, context.caller);
    const act = { action: 'revokeApiKey', target: id, place, permission: 'key:write' as const };
    return acts.record(act, context, async () => {
      const revoked = await keys.revoke(id);
      if (!revoked) throw new AppError('NOT_FOUND');
      return revoked;
    });
  }
}

const keyIdIn = ({ apiKey }: IssuedApiKey): { keyId: string } => ({ keyId: apiKey._id });
