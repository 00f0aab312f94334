/** The organizer takes a person's tickets back: all their QR credentials are revoked in the cloud, and gates learn it by the roster. */
import type { CloudClient } from './cloud-client.ts'

interface WithCredentials {
  readonly credentials: readonly { readonly id: string; readonly kind: 'qr' | 'badge'; readonly status: string }[]
}

export async function revokeTickets(client: CloudClient, person: { readonly id: string }): Promise<void> {
  const { credentials } = await client.get<WithCredentials>(`/participants/${person.id}`)
  for (const { id, kind, status } of credentials) {
    if (kind === 'qr' && status === 'active')
      await client.post(`/participants/${person.id}/credentials/${id}/revoke`, {})
  }
}
