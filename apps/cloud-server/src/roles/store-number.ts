/** Numbers that tell the ingest stores on one database apart: up to 64 in each process, the last one for check-ins over HTTP. */
import type { CloudConfig } from '../config.ts'

const STORES_PER_PROCESS = 64
export const REQUESTS = STORES_PER_PROCESS - 1

export function storeNumber(config: Pick<CloudConfig, 'ingest.number'>, n: number): number {
  return config['ingest.number'] * STORES_PER_PROCESS + n
}
