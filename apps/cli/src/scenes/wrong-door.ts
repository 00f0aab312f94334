/** Four people who cannot come in here, for four different reasons, each with a next step. */

import { gateState } from '../venue/gate-client.ts'
import { gateAt, type Scene, show, until } from './stage.ts'

const DAY_MS = 86_400_000
const SOUP = 'https://soup.example/tomato-soup-of-the-day?two-for-one=yes&buy=now&come=again'

export const wrongDoor: Scene = async (stage) => {
  const { client } = stage.open.cloud
  const speakers = gateAt(stage, 3)
  const tomorrow = await stage.person((one) => one.zones.includes('stage'))
  const { cursor } = (await gateState(speakers.http)).roster
  await client.patch(`/participants/${tomorrow.id}`, { validFrom: Date.now() + DAY_MS })
  await until(
    stage,
    'the change of the ticket',
    5_000,
    async () => (await gateState(speakers.http)).roster.cursor > cursor,
  )
  await show(stage, speakers, (await stage.person((one) => one.ticketType === 'day')).ticket, 'a day ticket')
  await show(stage, speakers, tomorrow.ticket, 'a ticket of tomorrow')
  await show(stage, speakers, await foreignTicket(stage), 'a ticket of another event')
  await show(stage, speakers, SOUP, 'a QR code of a soup advertisement')
}

async function foreignTicket({ open }: Parameters<Scene>[0]): Promise<string> {
  const { client } = open.cloud
  const { timeZone, startsAt, endsAt } = open.venue
  const { id } = await client.post<{ id: string }>('/events', { name: 'Soup Fair', timeZone, startsAt, endsAt })
  const visitor = {
    externalId: 'soup-1',
    name: 'Soup Visitor',
    email: 'soup@example.org',
    ticketType: 'day',
    zones: [],
  }
  const made = await client.post<{ items: { ticket: string }[] }>(`/events/${id}/participants/bulk`, {
    items: [{ ...visitor, entryPolicy: 're-entry', credentials: ['qr'] }],
  })
  return (made.items[0] as { ticket: string }).ticket
}
