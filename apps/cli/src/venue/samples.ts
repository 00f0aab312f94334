/** Pictures of a few real tickets for people to try by hand, in the venue's data folder. */
import { writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { qrPicture } from './gate-client.ts'
import type { OpenVenue } from './open.ts'
import type { VenuePerson } from './set-up.ts'

const SOUP = 'https://soup.example/tomato-soup-of-the-day?two-for-one=yes&buy=now&come=again'

/** Writes the pictures and returns the path of the first, as it would be typed. */
export async function makeSamples({ venue, layout }: OpenVenue): Promise<string> {
  const spare = venue.people.slice(-Math.ceil(venue.people.length / 10))
  const day = (person: VenuePerson) => person.ticketType === 'day'
  const pictures: Record<string, string | undefined> = {
    'ticket.png': spare.find(day)?.ticket,
    'speaker.png': spare.find((person) => person.ticketType === 'speaker')?.ticket,
    'soup.png': SOUP,
  }
  for (const [name, text] of Object.entries(pictures)) {
    if (text !== undefined) writeFileSync(join(layout.tickets, name), await qrPicture(text))
  }
  return relative(process.cwd(), join(layout.tickets, 'ticket.png'))
}
