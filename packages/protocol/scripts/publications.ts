/**
 * The published form of the protocol, made from the very schemas that check it: one JSON Schema per message or line, and one
 * AsyncAPI document that says on which topic each travels and in which direction, as seen from the gate.
 */

import { SCHEMAS, type SchemaName } from '../src/catalogue.ts'
import { PROTOCOL_VERSION } from '../src/index.ts'

type Json = { readonly [key: string]: unknown }

interface Channel {
  readonly address: string
  readonly action: 'send' | 'receive'
  readonly retained?: boolean
  readonly summary: string
  /** One schema for a small message; a header and the lines that may follow it for a bulk message. */
  readonly message: SchemaName | { readonly header: SchemaName; readonly lines: readonly SchemaName[] }
}

const gateTopic = 'gh/v1/{org}/gates/{gate}'
const eventTopic = 'gh/v1/{org}/events/{event}'
const journalLines = ['decision', 'undo', 'passage', 'door', 'staff', 'system'].map(
  (kind) => `journal-${kind}` as SchemaName,
)
const rosterLines = ['roster-participant', 'roster-rules', 'roster-remove'] as const

const channels: Readonly<Record<string, Channel>> = {
  hello: up('hello', 'First message of every connection', 'hello'),
  journal: up('journal', 'Facts, oldest first, chained by hash', { header: 'journal-header', lines: journalLines }),
  status: { ...up('status', 'How the gate is; also the last will', 'status'), retained: true },
  sync: up('sync', 'Asks for a feed from a cursor', 'sync'),
  reported: { ...up('reported', 'The configuration the gate runs', 'reported'), retained: true },
  result: up('result', 'Outcome of a command', 'result'),
  ack: down('ack', 'All of 1..through are committed', 'ack'),
  feed: down('feed', 'Pages that were asked for', { header: 'feed-header', lines: [...rosterLines, 'presence'] }),
  desired: { ...down('desired', 'The configuration wanted', 'desired'), retained: true },
  command: down('command', 'Something to do once, now', 'command'),
  roster: event('roster', 'What the organizer wants: live changes', { header: 'feed-header', lines: rosterLines }),
  presence: event('presence', 'What happened: live changes', { header: 'feed-header', lines: ['presence'] }),
}

function up(name: string, summary: string, message: Channel['message']): Channel {
  return { address: `${gateTopic}/up/${name}`, action: 'send', summary, message }
}

function down(name: string, summary: string, message: Channel['message']): Channel {
  return { address: `${gateTopic}/down/${name}`, action: 'receive', summary, message }
}

function event(name: string, summary: string, message: Channel['message']): Channel {
  return { address: `${eventTopic}/${name}`, action: 'receive', summary, message }
}

/** File names below docs/ and their texts. */
export function publications(): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  for (const [name, schema] of Object.entries(SCHEMAS))
    files.set(`schemas/${name}.json`, pretty(jsonSchema(name, schema)))
  files.set('asyncapi.json', pretty(asyncApi()))
  return files
}

/** TypeBox refers to a recursive schema by its bare name where it stands; JSON Schema wants it among the document's `$defs`. */
function jsonSchema(name: string, schema: object): Json {
  const defs: Record<string, unknown> = {}
  const body = hoist(JSON.parse(JSON.stringify(schema)), defs)
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `${name}.json`,
    ...(body as Json),
    ...(Object.keys(defs).length > 0 ? { $defs: defs } : {}),
  }
}

function hoist(value: unknown, defs: Record<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map((item) => hoist(item, defs))
  if (typeof value !== 'object' || value === null) return value
  // An inner `$id` would make references below it relative to that id.
  const { $defs, $ref, $id: _, ...rest } = value as Json
  for (const [name, definition] of Object.entries(($defs ?? {}) as Json)) defs[name] ??= hoist(definition, defs)
  const hoisted = Object.fromEntries(Object.entries(rest).map(([key, item]) => [key, hoist(item, defs)]))
  return typeof $ref === 'string' ? { $ref: `#/$defs/${$ref}`, ...hoisted } : hoisted
}

function asyncApi(): Json {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Gatehouse: gate and cloud',
      version: `${PROTOCOL_VERSION}.0.0`,
      description:
        'What a gate sends and receives over MQTT 3.1.1, QoS 1. The whole protocol is stated in protocol.md.',
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(Object.entries(channels).map(([name, channel]) => [name, channelOf(name, channel)])),
    operations: Object.fromEntries(
      Object.entries(channels).map(([name, channel]) => [name, operationOf(name, channel)]),
    ),
    components: {
      messages: Object.fromEntries(Object.entries(channels).map(([name, channel]) => [name, messageOf(channel)])),
    },
  }
}

function channelOf(name: string, { address, summary }: Channel): Json {
  const named = [...address.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter ?? '')
  return {
    address,
    summary,
    messages: { [name]: { $ref: `#/components/messages/${name}` } },
    parameters: Object.fromEntries(
      named.map((parameter) => [parameter, { description: `Id of the ${parameter}, a lower-case UUID` }]),
    ),
  }
}

function operationOf(name: string, { action, retained, summary }: Channel): Json {
  return {
    action,
    summary,
    channel: { $ref: `#/channels/${name}` },
    bindings: { mqtt: { qos: 1, retain: retained ?? false, bindingVersion: '0.2.0' } },
  }
}

function messageOf({ summary, message }: Channel): Json {
  if (typeof message === 'string') return { summary, contentType: 'application/json', payload: schemaRef(message) }
  return {
    summary,
    contentType: 'application/x-ndjson',
    description: 'The first line is the header; every further line is one of the others. Each ends with a line feed.',
    payload: { oneOf: [message.header, ...message.lines].map(schemaRef) },
    'x-header': schemaRef(message.header),
    'x-lines': message.lines.map(schemaRef),
  }
}

function schemaRef(name: SchemaName): Json {
  return { $ref: `./schemas/${name}.json` }
}

function pretty(value: Json): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
