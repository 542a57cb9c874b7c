import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type Docker from 'dockerode'

const GIB = 1024 ** 3

/** What Slipway makes for a machine of one service, made with the same calls and awaited the same way. */
export async function startByHand(docker: Docker, image: string, folder: string) {
  const bind = (name: string, Target: string): Docker.MountSettings => {
    const Source = join(folder, name)
    mkdirSync(Source, { recursive: true })
    return { Type: 'bind', Source, Target }
  }
  mkdirSync(join(folder, 'workspace/models'), { recursive: true })
  const network = await docker.createNetwork({ Name: `by-hand-${Date.now()}`, Driver: 'bridge' })
  const port = await freePort()
  const container = await docker.createContainer({
    Image: image,
    Env: ['HOME=/home/machine', 'HOST=0.0.0.0', 'PORT=8080', 'SLIPWAY_SERVICE=filebrowser'],
    WorkingDir: '/workspace',
    User: `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`,
    ExposedPorts: { '8080/tcp': {} },
    HostConfig: {
      NetworkMode: network.id,
      PortBindings: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] },
      Mounts: [
        bind('workspace', '/workspace'),
        bind('models', '/workspace/models'),
        bind('home', '/home/machine'),
      ],
      Tmpfs: { '/tmp': 'rw,nosuid,nodev,mode=1777' },
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      Init: true,
      PidsLimit: 256,
      Memory: GIB,
      MemorySwap: GIB,
      CpuPeriod: 100_000,
      CpuQuota: 100_000,
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
    },
  })
  await container.start()
  while (!(await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined))?.ok) await pause(10)
  return async () => {
    await container.remove({ force: true })
    await network.remove()
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return address && typeof address === 'object' ? address.port : 0
}
