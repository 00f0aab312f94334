/**
 * The staff page and local API, joined to what they ask: the lane for acts, sensing for codes that a page reads. What a person
 * does here by hand goes the same way as a reading, so it is judged, written and shown like one.
 */
import { type Logger, type Service, untilAborted } from '@gatehouse/runtime'
import type { GateConfig } from './config.ts'
import type { Duty } from './duty.ts'
import type { Instruments } from './instruments.ts'
import { createKioskApi } from './kiosk-api/app.ts'
import type { LiveStream } from './kiosk-api/live-stream.ts'
import type { AtLane, KioskRooms } from './kiosk-api/routes.ts'
import type { StateView } from './kiosk-api/wire.ts'
import type { Lane } from './lane.ts'
import type { Sensing } from './sensing.ts'

export interface LocalPageNeeds {
  readonly lane: Lane
  readonly sensing: Pick<Sensing, 'present' | 'decoder'>
  readonly state: () => StateView
  readonly live: LiveStream
  readonly instruments: Pick<Instruments, 'health' | 'metrics'>
  readonly duty: Pick<Duty, 'isServing'>
  readonly config: Pick<GateConfig, 'http.names'>
  /** Folder of the built staff page. */
  readonly pages: string
  readonly logger: Logger
}

export interface LocalPage {
  readonly api: Awaited<ReturnType<typeof createKioskApi>>
  readonly service: Service
}

export async function createLocalPage(needs: LocalPageNeeds): Promise<LocalPage> {
  const { live, pages, logger } = needs
  const { health, metrics } = needs.instruments
  const isReady = () => needs.duty.isServing()
  const names = needs.config['http.names']
  const api = await createKioskApi({ rooms: roomsOf(needs), live, health, metrics, isReady, pages, names, logger })
  return {
    api,
    service: {
      name: 'http',
      run: untilAborted,
      async drain() {
        live.close()
        await api.close()
      },
    },
  }
}

function roomsOf({ lane, sensing, state }: LocalPageNeeds): KioskRooms {
  const serveCode = (text: string, at: AtLane) => lane.serve({ presented: sensing.present(text), via: 'qr', ...at })
  return {
    state,
    recent: (atMost) => lane.recent(atMost),
    find: (words, atMost) => lane.find(words, atMost),
    checkIn: ({ participant, ...by }) =>
      lane.serve({ presented: { kind: 'participant', id: participant }, via: 'manual', ...by }),
    undo: (seq, staff, note) => lane.undo(seq, staff, note),
    scanText: serveCode,
    async scanPicture(file, at) {
      const text = await sensing.decoder.decodeFile(file)
      return text === undefined ? undefined : serveCode(text, at)
    },
  }
}
