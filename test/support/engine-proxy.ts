import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from './temp-folder'

/** What becomes of a question to the Engine. `lost`: it is carried out, and the answer never arrives. */
type Fate = 'passed' | 'lost' | 'refused' | { status: number; message: string }

/**
 * Stands between a runtime and an Engine, and does to questions what the test says.
 * @param decide called with each, such as `POST /containers/create?name=…`
 */
export async function engineProxy(dockerHost: string, decide: (question: string) => Fate | Promise<Fate>) {
  const folder = temporaryFolder()
  const socket = join(folder.path, 'proxy.sock')
  const engineSocket = dockerHost.slice('unix://'.length)

  const server = createServer(async (req: IncomingMessage, res: ServerResponse) => {
    const fate = await decide(`${req.method} ${req.url}`)
    if (fate === 'refused') return req.socket.destroy()
    if (typeof fate === 'object') {
      res.writeHead(fate.status, { 'content-type': 'application/json' })
      return res.end(JSON.stringify({ message: fate.message }))
    }
    const { method, url: path, headers } = req
    const asked = request({ socketPath: engineSocket, method, path, headers }, (answer) => {
      if (fate === 'lost') return answer.resume().on('end', () => req.socket.destroy())
      res.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(res)
    })
    asked.on('error', () => req.socket.destroy())
    req.pipe(asked)
  })
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
    folder.remove()
  })
  return { dockerHost: `unix://${socket}` }
}
