/**
 * Serves the dashboard, the wall view and the desk from one built folder. Hashed files may be cached for ever, the pages
 * themselves never; a `?login=` in the address is exchanged for a session first, so that the token does not stay in it.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Rooms } from './rooms.ts'
import { startSession } from './session-routes.ts'

const PAGES = [
  { url: '/', file: 'index.html' },
  { url: '/wall', file: 'index.html' },
  { url: '/desk', file: 'desk.html' },
]

export async function registerPages(app: FastifyInstance, { rooms, pagesDir }: { rooms: Rooms; pagesDir: string }) {
  await app.register(fastifyStatic, {
    root: pagesDir,
    index: false,
    cacheControl: false,
    setHeaders: (reply, path) => {
      const hashed = path.includes('/assets/')
      void reply.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
  for (const page of PAGES) {
    app.get(page.url, { config: { permission: 'public' }, schema: { hide: true } }, (request, reply) =>
      servePage(request, reply, { rooms, pagesDir, ...page }),
    )
  }
}

type Page = { rooms: Rooms; pagesDir: string; url: string; file: string }

async function servePage(request: FastifyRequest, reply: FastifyReply, { rooms, pagesDir, url, file }: Page) {
  const login = (request.query as Record<string, unknown>)['login']
  if (typeof login === 'string') {
    const session = await rooms.auth.exchangeLogin(login)
    if (session) startSession(request, reply, session)
    return reply.header('referrer-policy', 'no-referrer').redirect(session ? url : `${url}?login-failed=1`, 303)
  }
  if (existsSync(join(pagesDir, file))) return reply.sendFile(file)
  return reply.code(503).type('text/plain; charset=utf-8').send('The pages are not built yet: run `npm run pages`.\n')
}
