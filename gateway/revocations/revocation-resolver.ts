import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { GatewayContext } from '../context.js';
import { RevokePlaybackInput } from './revocation-inputs.js';
import type { RevocationService } from './revocation-service.js';
import { RevokedPlayback } from './revoked-playback.js';

/** Access to what is played, taken back. */
@Resolver()
export class RevocationResolver {
  constructor(private readonly deps: { service: RevocationService }) {}

  @Mutation(() => RevokedPlayback, {
    description:
      'Ends what is played with URLs that were given until now, and what was begun with them; URLs that are given later ' +
      'play. Files that a CDN keeps are not taken from it. Errors: NOT_FOUND, FORBIDDEN, BAD_USER_INPUT, CONFLICT.',
  })
  revokePlayback(
    @Arg('input', () => RevokePlaybackInput) input: RevokePlaybackInput,
    @Ctx() context: GatewayContext,
  ): Promise<RevokedPlayback> {
    return this.deps.service.revoke(input, context);
  }
}
