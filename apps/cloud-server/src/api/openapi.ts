/**
 * The OpenAPI 3.1 document, made from the routes themselves and served at /openapi.json. TypeBox schemas are JSON Schema already, so
 * what is documented is what is checked.
 */
import type { SwaggerOptions } from '@fastify/swagger'

export const openApi: SwaggerOptions = {
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Gatehouse cloud API',
      version: '1.0.0',
      description:
        'Events, participants, gates, attendance and live numbers. Refusals are RFC 9457 problem documents with a stable code.',
    },
    servers: [{ url: '/' }],
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'API key, gk_live_…' },
        session: { type: 'apiKey', in: 'cookie', name: 'gatehouse_session', description: 'Session of the pages' },
      },
    },
  },
}
