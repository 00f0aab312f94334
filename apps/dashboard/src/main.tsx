/** The live page, at `/` with controls and at `/wall` without them. */
import { startLang } from '@gatehouse/ui'
import { render } from 'preact'
import { cloud } from './cloud-api.ts'
import { createEntrance, WithEvent } from './entrance.tsx'
import { LivePage } from './live-page.tsx'

startLang(window)
const door = createEntrance(cloud)
const root = document.getElementById('page')
if (root)
  render(<WithEvent door={door}>{(event) => <LivePage cloud={cloud} door={door} event={event} />}</WithEvent>, root)
