/** Finds a port that is free now, starting with the one that was asked for. */
import { createServer } from 'node:net'

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

const TRIES = 50

/** The wanted port, or the next free one after it; says so when it had to take another. */
export async function freePort(wanted: number, what: string, say: (text: string) => void): Promise<number> {
  for (let port = wanted; port < wanted + TRIES; port += 1) {
    if (!(await isFree(port))) continue
    if (port !== wanted) say(`port ${wanted} is in use; ${what} takes ${port} instead`)
    return port
  }
  throw new Error(`no free port between ${wanted} and ${wanted + TRIES}`)
}
