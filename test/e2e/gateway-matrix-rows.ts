import {
  admins,
  everybody,
  type MatrixRow,
  members,
  operators,
  owners,
  partners,
  users,
  viewers,
} from './gateway-matrix-row.js';
import { lifecycleRows } from './gateway-matrix-lifecycle-rows.js';
import { videoRows } from './gateway-matrix-video-rows.js';
import { ticketRows } from './gateway-matrix-ticket-rows.js';

const queries: MatrixRow[] = [
  {
    operation: 'Query.viewer',
    who: [...viewers, 'projectKey'],
    document: '{ viewer { kind roles scopes user { id } memberships { role } } }',
  },
  {
    operation: 'Query.organization',
    who: viewers,
    elsewhere: 'null',
    document: 'query ($organizationId: ID!) { organization(id: $organizationId) { id name } }',
  },
  {
    operation: 'Query.organization',
    when: 'with its members and what it uses',
    who: viewers,
    elsewhere: 'null',
    document: `query ($organizationId: ID!) { organization(id: $organizationId) {
      members { role } limits { storedBytes } usage { storedBytes } } }`,
  },
  {
    operation: 'Query.organization',
    when: 'with its invitations',
    who: admins,
    elsewhere: 'null',
    document: 'query ($organizationId: ID!) { organization(id: $organizationId) { invitations { id } } }',
  },
  {
    operation: 'Query.organizations',
    who: viewers,
    elsewhere: 'left out',
    document: '{ organizations(first: 100) { edges { node { id } } } }',
  },
  {
    operation: 'Query.project',
    who: [...viewers, 'projectKey'],
    elsewhere: 'null',
    document: 'query ($projectId: ID!) { project(id: $projectId) { id name organization { id } } }',
  },
  {
    operation: 'Query.project',
    when: 'with the members of its organization',
    who: viewers,
    elsewhere: 'null',
    document: 'query ($projectId: ID!) { project(id: $projectId) { organization { members { role } } } }',
  },
  {
    operation: 'Query.project',
    when: 'with what was played of it',
    who: [...viewers, 'projectKey'],
    elsewhere: 'null',
    document: `query ($projectId: ID!) { project(id: $projectId) {
      playbackStats(range: { from: "2026-03-01", to: "2026-03-02" }) { views } } }`,
  },
  {
    operation: 'Query.projects',
    who: [...viewers, 'projectKey'],
    elsewhere: 'left out',
    document: '{ projects(first: 100) { edges { node { id } } } }',
  },
  {
    operation: 'Query.video',
    who: [...viewers, 'projectKey'],
    elsewhere: 'null',
    document: 'query ($videoId: ID!) { video(id: $videoId) { id title playback { url } } }',
  },
  {
    operation: 'Query.video',
    when: 'with who watched it',
    who: [...members, 'projectKey'],
    elsewhere: 'null',
    document: 'query ($videoId: ID!) { video(id: $videoId) { views playbackSessions { edges { cursor } } } }',
  },
  {
    operation: 'Query.videos',
    who: [...viewers, 'projectKey'],
    elsewhere: 'NOT_FOUND',
    document: 'query ($projectId: ID!) { videos(projectId: $projectId) { edges { node { id } } } }',
  },
  {
    operation: 'Query.uploads',
    who: [...viewers, 'projectKey'],
    elsewhere: 'NOT_FOUND',
    document: 'query ($projectId: ID!) { uploads(projectId: $projectId) { edges { node { id } } } }',
  },
  {
    operation: 'Query.apiKeys',
    who: admins,
    elsewhere: 'NOT_FOUND',
    document: 'query ($projectId: ID!) { apiKeys(projectId: $projectId) { id prefix } }',
  },
  {
    operation: 'Query.auditLog',
    when: 'of an organization',
    who: owners,
    elsewhere: 'NOT_FOUND',
    document:
      'query ($organizationId: ID!) { auditLog(organizationId: $organizationId) { edges { cursor } } }',
  },
  {
    operation: 'Query.auditLog',
    when: 'of the installation',
    who: operators,
    document: '{ auditLog { edges { cursor } } }',
  },
  {
    operation: 'Query.adminStats',
    who: operators,
    document: '{ adminStats { at paused } }',
  },
  {
    operation: 'Query.jobs',
    who: operators,
    elsewhere: 'NOT_FOUND',
    document: 'query ($videoId: ID!) { jobs(videoId: $videoId) { id } }',
  },
  {
    operation: 'Query.deadLetters',
    who: operators,
    document: '{ deadLetters { edges { cursor } } }',
  },
  {
    operation: 'Query.outsideSignIn',
    who: everybody,
    outcome: 'null',
    document: '{ outsideSignIn { name } }',
  },
];

const accounts: MatrixRow[] = [
  {
    operation: 'Mutation.signUp',
    who: everybody,
    document: `mutation ($newEmail: String!) {
      signUp(input: { email: $newEmail, name: "Test", password: "correct horse battery" }) { expiresAt } }`,
  },
  {
    operation: 'Mutation.signIn',
    who: everybody,
    document: `mutation ($accountEmail: String!) {
      signIn(input: { email: $accountEmail, password: "correct horse battery" }) { expiresAt } }`,
  },
  {
    operation: 'Mutation.refreshSession',
    who: everybody,
    document:
      'mutation ($refreshToken: String!) { refreshSession(refreshToken: $refreshToken) { expiresAt } }',
  },
  {
    operation: 'Mutation.requestPasswordReset',
    who: everybody,
    document: 'mutation ($newEmail: String!) { requestPasswordReset(email: $newEmail) }',
  },
  {
    operation: 'Mutation.resetPassword',
    who: everybody,
    outcome: 'BAD_USER_INPUT',
    document: 'mutation { resetPassword(input: { token: "none", password: "correct horse battery" }) }',
  },
  {
    operation: 'Mutation.exchangeSignInCode',
    who: everybody,
    outcome: 'BAD_USER_INPUT',
    document: 'mutation { exchangeSignInCode(code: "none") { expiresAt } }',
  },
  {
    operation: 'Mutation.signOut',
    who: users,
    spendsCaller: true,
    document: 'mutation { signOut }',
  },
  {
    operation: 'Mutation.changePassword',
    who: users,
    spendsCaller: true,
    document: `mutation {
      changePassword(input: { currentPassword: "correct horse battery", newPassword: "staple them all" }) }`,
  },
];

const organizations: MatrixRow[] = [
  {
    operation: 'Mutation.createOrganization',
    who: operators,
    document: 'mutation { createOrganization(name: "New") { id } }',
  },
  {
    operation: 'Mutation.updateOrganization',
    who: owners,
    elsewhere: 'NOT_FOUND',
    document:
      'mutation ($organizationId: ID!) { updateOrganization(id: $organizationId, name: "New") { name } }',
  },
  {
    operation: 'Mutation.setOrganizationLimits',
    who: operators,
    elsewhere: 'NOT_FOUND',
    document: `mutation ($organizationId: ID!) {
      setOrganizationLimits(id: $organizationId, input: { minutesPerMonth: 1000 }) { id } }`,
  },
  {
    operation: 'Mutation.inviteMember',
    who: admins,
    elsewhere: 'NOT_FOUND',
    document: `mutation ($organizationId: ID!, $newEmail: String!) {
      inviteMember(organizationId: $organizationId, email: $newEmail, role: VIEWER) { invitation { id } } }`,
  },
  {
    operation: 'Mutation.revokeInvitation',
    who: admins,
    elsewhere: 'NOT_FOUND',
    document: 'mutation ($invitationId: ID!) { revokeInvitation(id: $invitationId) { revokedAt } }',
  },
  {
    operation: 'Mutation.acceptInvitation',
    when: 'for oneself',
    who: users,
    spendsCaller: true,
    document: 'mutation ($ownInvitation: String!) { acceptInvitation(token: $ownInvitation) { role } }',
  },
  {
    operation: 'Mutation.acceptInvitation',
    when: 'for somebody else',
    who: users,
    outcome: 'BAD_USER_INPUT',
    elsewhere: 'BAD_USER_INPUT',
    document: 'mutation ($invitationToken: String!) { acceptInvitation(token: $invitationToken) { role } }',
  },
  {
    operation: 'Mutation.setMemberRole',
    who: admins,
    elsewhere: 'NOT_FOUND',
    document: `mutation ($organizationId: ID!, $memberId: ID!) {
      setMemberRole(organizationId: $organizationId, userId: $memberId, role: MEMBER) { role } }`,
  },
  {
    operation: 'Mutation.setMemberRole',
    when: 'in the own organization',
    who: ['admin', 'owner'],
    asked: partners,
    elsewhere: 'NOT_FOUND',
    document: `mutation ($ownOrganizationId: ID!, $memberId: ID!) {
      setMemberRole(organizationId: $ownOrganizationId, userId: $memberId, role: MEMBER) { role } }`,
  },
  {
    operation: 'Mutation.removeMember',
    who: admins,
    elsewhere: 'NOT_FOUND',
    document: `mutation ($organizationId: ID!, $memberId: ID!) {
      removeMember(organizationId: $organizationId, userId: $memberId) }`,
  },
  {
    operation: 'Mutation.removeMember',
    when: 'oneself',
    who: partners,
    asked: partners,
    elsewhere: 'NOT_FOUND',
    spendsCaller: true,
    document: `mutation ($organizationId: ID!, $callerId: ID!) {
      removeMember(organizationId: $organizationId, userId: $callerId) }`,
  },
  {
    operation: 'Mutation.createProject',
    who: admins,
    elsewhere: 'NOT_FOUND',
    document:
      'mutation ($organizationId: ID!) { createProject(organizationId: $organizationId, name: "New") { id } }',
  },
  {
    operation: 'Mutation.updateProject',
    who: admins,
    elsewhere: 'NOT_FOUND',
    document: 'mutation ($projectId: ID!) { updateProject(id: $projectId, name: "New") { name } }',
  },
  {
    operation: 'Mutation.createApiKey',
    who: admins,
    elsewhere: 'NOT_FOUND',
    document: `mutation ($projectId: ID!) {
      createApiKey(input: { projectId: $projectId, name: "New", scopes: ["video:read"] }) { secret } }`,
  },
  {
    operation: 'Mutation.rotateApiKey',
    who: admins,
    elsewhere: 'NOT_FOUND',
    document: 'mutation ($keyId: ID!) { rotateApiKey(id: $keyId) { secret } }',
  },
  {
    operation: 'Mutation.revokeApiKey',
    who: admins,
    elsewhere: 'NOT_FOUND',
    document: 'mutation ($keyId: ID!) { revokeApiKey(id: $keyId) { revokedAt } }',
  },
];

const installation: MatrixRow[] = [
  {
    operation: 'Mutation.drainWorker',
    who: operators,
    elsewhere: 'NOT_FOUND',
    document: 'mutation ($workerId: ID!) { drainWorker(id: $workerId) { draining } }',
  },
  {
    operation: 'Mutation.pauseProcessing',
    who: operators,
    document: 'mutation { pauseProcessing { paused } }',
  },
  {
    operation: 'Mutation.resumeProcessing',
    who: operators,
    document: 'mutation { resumeProcessing { paused } }',
  },
  {
    operation: 'Mutation.replayDeadLetter',
    who: operators,
    elsewhere: 'NOT_FOUND',
    document: 'mutation ($deadLetterId: ID!) { replayDeadLetter(id: $deadLetterId) { generation } }',
  },
  {
    operation: 'Mutation.replayDeadLetters',
    who: operators,
    document: 'mutation { replayDeadLetters(filter: { code: "WORKER_LOST" }) { replayed } }',
  },
  {
    operation: 'Mutation.discardDeadLetter',
    who: operators,
    elsewhere: 'NOT_FOUND',
    document: 'mutation ($deadLetterId: ID!) { discardDeadLetter(id: $deadLetterId) { state } }',
  },
  {
    operation: 'Subscription.adminStats',
    who: operators,
    document: 'subscription { adminStats { at } }',
  },
];

export const matrixRows: readonly MatrixRow[] = [
  queries,
  accounts,
  organizations,
  videoRows,
  lifecycleRows,
  ticketRows,
  installation,
].flat();
