import { createServer } from 'node:net'

const RESERVED_FOR_MS = 60_000

/** Hands out free loopback ports, none of them twice while a service may still be about to take it. */
export function portPicker() {
  const reserved = new Set<number>()
  return async function pickPort(): Promise<number> {
    for (;;) {
      const port = await freePort()
      if (reserved.has(port)) continue
      reserved.add(port)
      setTimeout(() => reserved.delete(port), RESERVED_FOR_MS).unref()
      return port
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })
}
