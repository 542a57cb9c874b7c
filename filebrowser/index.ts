import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createFilebrowser } from './server'
import { parseSettings } from './settings'

async function main() {
  const settings = parseSettings(process.env)
  const publicDir = fileURLToPath(new URL('./public', import.meta.url))
  const { server, close } = await createFilebrowser(settings, { publicDir })
  server.listen(settings.port, settings.host, () => {
    const { port } = server.address() as AddressInfo
    console.log(`Filebrowser is listening on http://${settings.host}:${port}`)
  })
  server.once('error', fail)
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => void close().then(() => process.exit(0), fail))
}

function fail(error: unknown) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

main().catch(fail)
