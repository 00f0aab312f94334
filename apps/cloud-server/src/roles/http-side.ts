/** The side of the cloud that faces people and programs: API, pages and health behind one port. */
import { Failure, type Service, untilAborted } from '@gatehouse/runtime'
import { type ApiDeps, createApi } from '../api/app.ts'
import type { CloudConfig } from '../config.ts'

export interface HttpSideNeeds extends ApiDeps {
  readonly config: CloudConfig
}

export interface HttpSide {
  /** Where it listens. */
  readonly url: string
  readonly service: Service
}

/** Throws `Failure` GH-HTTP-010 when the port cannot be had. */
export async function openHttpSide({ config, ...deps }: HttpSideNeeds): Promise<HttpSide> {
  const { 'http.host': host, 'http.port': port } = config
  const app = await createApi(deps)
  try {
    const url = await app.listen({ host, port })
    return { url, service: { name: 'api', run: untilAborted, drain: () => app.close() } }
  } catch (cause) {
    throw new Failure('GH-HTTP-010', `cannot listen on ${host}:${port}`, { cause })
  }
}
