import { expect, test } from 'vitest'
import { downTopic, feedTopic, mayPublish, mayRetain, maySubscribe, parseTopic, upTopic } from './index.ts'

const org = 'dc3d0acc-58c9-7edf-a884-e38f4c7d1f62'
const gate = '30f716f6-e19b-7bd7-abff-8cdccf2294bb'
const other = '1364e21d-03b4-7379-ae9b-5f1cba2e196f'
const event = '4326f935-e7aa-7e31-a63a-c15237157317'
const who = { org, gate, events: new Set([event]) }

test('every topic is parsed back into what it was made of', () => {
  expect(parseTopic(upTopic(org, gate, 'journal'))).toEqual({ side: 'up', org, gate, name: 'journal' })
  expect(parseTopic(downTopic(org, gate, 'ack'))).toEqual({ side: 'down', org, gate, name: 'ack' })
  expect(parseTopic(feedTopic(org, event, 'roster'))).toEqual({ side: 'event', org, event, feed: 'roster' })
})

test.each([
  '',
  'gh/v1',
  '$SYS/broker',
  `gh/v2/${org}/gates/${gate}/up/journal`,
  `gh/v1/${org}/gates/${gate}/up/ack`,
  `gh/v1/${org}/gates/${gate}/up/journal/`,
  `gh/v1/${org}/gates/${gate}/up/journal\n`,
  `gh/v1/${org}/gates/${gate.toUpperCase()}/up/journal`,
  `gh/v1/${org}/events/${event}/journal`,
])('%j is not a topic of ours', (topic) => expect(parseTopic(topic)).toBeUndefined())

test.each([
  ['its own topics', upTopic(org, gate, 'journal'), true],
  ['a later name below its own', `gh/v1/${org}/gates/${gate}/up/photo`, true],
  ['another gate', upTopic(org, other, 'journal'), false],
  ['another organization', upTopic(other, gate, 'journal'), false],
  ['its own downlink', downTopic(org, gate, 'ack'), false],
  ['a feed', feedTopic(org, event, 'roster'), false],
  ['a wildcard', `gh/v1/${org}/gates/${gate}/up/#`, false],
  ['a plus', `gh/v1/${org}/gates/${gate}/up/+`, false],
  ['nothing below up', `gh/v1/${org}/gates/${gate}/up/`, false],
  ['a very long name', `gh/v1/${org}/gates/${gate}/up/${'x/'.repeat(100)}`, false],
  ['a NUL', `gh/v1/${org}/gates/${gate}/up/\0`, false],
  ['broker internals', '$SYS/x', false],
])('publishing: %s', (_name, topic, allowed) => expect(mayPublish(who, topic)).toBe(allowed))

test.each([
  ['all of its downlink', `gh/v1/${org}/gates/${gate}/down/#`, true],
  ['one of its downlink', downTopic(org, gate, 'ack'), true],
  ['a feed of its event', feedTopic(org, event, 'presence'), true],
  ['a feed of another event', feedTopic(org, other, 'presence'), false],
  ['the same event elsewhere', feedTopic(other, event, 'presence'), false],
  ['both feeds by wildcard', `gh/v1/${org}/events/${event}/+`, false],
  ['the event by wildcard', `gh/v1/${org}/events/${event}/#`, false],
  ['its downlink by plus', `gh/v1/${org}/gates/${gate}/down/+`, false],
  ['its uplink', `gh/v1/${org}/gates/${gate}/up/#`, false],
  ['another gate', `gh/v1/${org}/gates/${other}/down/#`, false],
  ['everything', '#', false],
  ['a shared subscription', `$share/x/gh/v1/${org}/gates/${gate}/down/#`, false],
])('subscribing: %s', (_name, filter, allowed) => expect(maySubscribe(who, filter)).toBe(allowed))

test('only status, reported and desired may be retained', () => {
  const all = [
    ...(['hello', 'journal', 'status', 'sync', 'reported', 'result'] as const).map((name) => upTopic(org, gate, name)),
    ...(['ack', 'feed', 'desired', 'command'] as const).map((name) => downTopic(org, gate, name)),
    feedTopic(org, event, 'roster'),
  ]
  expect(all.filter(mayRetain).map((topic) => topic.split('/').at(-1))).toEqual(['status', 'reported', 'desired'])
})
