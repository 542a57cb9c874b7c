import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type Docker from 'dockerode'
import { onTestFinished } from 'vitest'
import { temporaryFolder } from '../support/temp-folder'

const TYPES = 'application/vnd.docker.'
const CHUNK = 64 * 1024

/**
 * A registry on loopback with one image, which is taken from the Engine and then removed there.
 * @returns its name to pull by; each layer arrives drop by drop until `hurry` is called
 */
export async function startRegistry(docker: Docker, image: string) {
  const folder = temporaryFolder()
  const unpack = spawn('tar', ['-x', '-C', folder.path], { stdio: ['pipe', 'ignore', 'inherit'] })
  const unpacked = once(unpack, 'exit')
  await pipeline(await docker.getImage(image).get(), unpack.stdin)
  await unpacked
  await docker.getImage(image).remove()

  const read = (name: string) => readFileSync(join(folder.path, name))
  const [saved] = JSON.parse(read('manifest.json').toString()) as { Config: string; Layers: string[] }[]
  if (!saved) throw new Error(`The Engine saved nothing of ${image}.`)
  const blobs = new Map<string, Buffer>()
  const describe = (content: Buffer, mediaType: string) => {
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`
    blobs.set(digest, content)
    return { mediaType, size: content.length, digest }
  }
  const mediaType = `${TYPES}distribution.manifest.v2+json`
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType,
    config: describe(read(saved.Config), `${TYPES}container.image.v1+json`),
    layers: saved.Layers.map((layer) => describe(read(layer), `${TYPES}image.rootfs.diff.tar`)),
  })

  let isSlow = true
  async function send(response: ServerResponse, content: Buffer) {
    for (let at = 0; at < content.length && !response.destroyed; at += CHUNK) {
      response.write(content.subarray(at, at + CHUNK))
      if (isSlow && content.length > CHUNK) await new Promise((resolve) => setTimeout(resolve, 100))
    }
    response.end()
  }

  const server = createServer((request, response) => {
    const [, kind, name] = /^\/v2\/[^/]+\/(manifests|blobs)\/(.+)$/.exec(request.url ?? '') ?? []
    if (kind === 'manifests') {
      response.writeHead(200, { 'content-type': mediaType, 'content-length': Buffer.byteLength(manifest) })
      return response.end(request.method === 'HEAD' ? undefined : manifest)
    }
    const content = blobs.get(name ?? '')
    if (kind === 'blobs' && content) {
      response.writeHead(200, { 'content-length': content.length })
      return void send(response, content)
    }
    response.writeHead(request.url === '/v2/' ? 200 : 404).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
    folder.remove()
  })
  return {
    name: `127.0.0.1:${(server.address() as AddressInfo).port}/service:1`,
    hurry() {
      isSlow = false
    },
  }
}
