import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { LARGE_BYTES } from './large'

/**
 * Stands in for a service of a machine, in a process of its own: `/small` answers a few bytes, `/large` many, and a
 * websocket hears what it said. Prints its port.
 */
const piece = Buffer.alloc(1024 * 1024, 'a')
const server = createServer((req, answer) => {
  if (req.url !== '/large') return void answer.end('{"queue_remaining":0}')
  answer.writeHead(200, { 'Content-Length': LARGE_BYTES })
  let left = LARGE_BYTES / piece.length
  const write = () => {
    while (left-- > 0) if (!answer.write(piece)) return
    answer.end()
  }
  answer.on('drain', write)
  write()
})
new WebSocketServer({ server }).on('connection', (socket) =>
  socket.on('message', (said) => socket.send(said.toString())),
)
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))
