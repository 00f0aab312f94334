/**
 * A second organization in the same database, with a key, an event, a gate and a person of its own: whatever a rogue of the first one
 * does, none of this may be seen or changed by it.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { createCloudClient } from '@gatehouse/cli/venue/cloud-client.ts'
import { hashSecret, keyPrefix, makeKey } from '@gatehouse/cloud-server/auth/key.ts'
import type { TestVenue } from '../system/open-venue.ts'

export interface Stranger {
  readonly org: string
  readonly key: string
  readonly event: string
  readonly gate: string
  readonly participant: string
}

export async function makeStranger(venue: TestVenue): Promise<Stranger> {
  const org = randomUUID()
  await venue.query(`INSERT INTO auth.orgs (id, name) VALUES ($1, 'Others')`, [org])
  const key = await makeOrgKey(venue, org)
  const client = createCloudClient(venue.cloud.http, key)
  const { id: event } = await client.post<{ id: string }>('/events', {
    name: 'Another event',
    timeZone: 'Asia/Seoul',
    startsAt: venue.venue.startsAt,
    endsAt: venue.venue.endsAt,
  })
  const { id: gate } = await client.post<{ id: string }>(`/events/${event}/gates`, { name: 'Theirs' })
  const person = { externalId: 'one', ticketType: 'day', credentials: ['qr'] }
  const made = await client.post<{ items: { id: string }[] }>(`/events/${event}/participants/bulk`, { items: [person] })
  return { org, key, event, gate, participant: made.items[0]?.id ?? '' }
}

/** An admin key of that organization, put where the cloud looks for keys. */
export async function makeOrgKey(
  venue: TestVenue,
  org: string,
  given: { scopes?: readonly string[]; expiresAt?: Date; revokedAt?: Date } = {},
): Promise<string> {
  const key = makeKey(randomBytes)
  await venue.query(
    `INSERT INTO auth.api_keys (id, org, name, prefix, hash, scopes, expires_at, revoked_at)
     VALUES ($1, $2, 'test', $3, $4, $5, $6, $7)`,
    [
      randomUUID(),
      org,
      keyPrefix(key),
      hashSecret(key),
      given.scopes ?? ['admin'],
      given.expiresAt ?? null,
      given.revokedAt ?? null,
    ],
  )
  return key
}
