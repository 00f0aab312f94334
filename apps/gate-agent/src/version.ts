/** What this program calls itself towards the cloud, on its page and in its journal. */
import { readFileSync } from 'node:fs'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

export const SOFTWARE = `gatehouse-agent/${version}`
