/** What the cloud server can be told. Values come from `--config`, the environment (GATEHOUSE_…) and `--set`, the last one wins. */
import { availableParallelism } from 'node:os'
import { type Config, defineOptions } from '@gatehouse/runtime'

export const options = defineOptions({
  'data.dir': { type: 'string', default: './gatehouse-cloud', doc: 'Folder of keys and of the embedded database.' },
  'database.url': {
    type: 'string',
    doc: 'A PostgreSQL server (15 or newer); without it the embedded one runs in data.dir.',
  },
  'database.connections': {
    type: 'number',
    default: 12,
    doc: 'Connections for requests; ingest and downlink have their own.',
  },
  'http.host': { type: 'string', default: '127.0.0.1', doc: 'Address of the API and the pages.' },
  'http.port': { type: 'number', default: 8080, doc: 'Port of the API and the pages; 0 takes a free one.' },
  'mqtt.host': { type: 'string', default: '127.0.0.1', doc: 'Address of the broker for gates.' },
  'mqtt.port': { type: 'number', default: 8883, doc: 'Port of the broker; 0 takes a free one.' },
  'mqtt.tls': {
    type: 'boolean',
    default: true,
    doc: 'TLS with client certificates; only a broker on this machine may go without.',
  },
  'mqtt.names': {
    type: 'list',
    default: [],
    doc: 'Further names and addresses under which gates reach the broker; the first is handed out.',
  },
  'mqtt.connectsPerSec': { type: 'number', default: 10, doc: 'New connections per second from one address.' },
  'mqtt.connectBurst': { type: 'number', default: 100, doc: 'New connections at once from one address after a pause.' },
  'ingest.writers': {
    type: 'number',
    // The other half of the cores reads, checks and sends.
    default: Math.max(1, Math.floor(availableParallelism() / 2)),
    doc: 'Connections that write check-ins; gates are shared out among them.',
  },
  'ingest.number': {
    type: 'number',
    default: 0,
    doc: 'Tells several ingest processes on one database apart: 0, 1, 2 …',
  },
  roles: { type: 'list', default: ['all'], doc: 'What this process does: all, or some of api, ingest, live, jobs.' },
  'log.level': { type: 'string', default: 'info', doc: 'error, warn, info, debug or silent.' },
  'stop.withinMs': { type: 'number', default: 4_500, doc: 'How long the program may take to end.' },
})

export type CloudConfig = Config<typeof options>
