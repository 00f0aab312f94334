/** The staff page of the cloud, at `/desk`: for the table in the foyer that has a network and no gate of its own. */
import { startLang } from '@gatehouse/ui'
import { render } from 'preact'
import { cloud } from './cloud-api.ts'
import { DeskPage } from './desk.tsx'
import { createEntrance, WithEvent } from './entrance.tsx'

startLang(window)
const door = createEntrance(cloud)
const root = document.getElementById('page')
if (root)
  render(<WithEvent door={door}>{(event) => <DeskPage cloud={cloud} door={door} event={event} />}</WithEvent>, root)
