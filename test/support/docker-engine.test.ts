import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type Docker from 'dockerode'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { noEngine, serviceImage, startEngine } from './engine'
import { isAlive } from './processes'

// Engines and containers take seconds on a busy machine.
vi.setConfig({ testTimeout: 90_000 })

const folderOf = (engine: { dockerHost: string }) => dirname(engine.dockerHost.slice('unix://'.length))

/** As it is stored between the release of its addresses and the end of its removal. */
function halfRemove(store: string, name: string) {
  const text = readFileSync(store, 'latin1')
  const stored = new RegExp(
    `"inDelete":false(,"ingress":[^\\0]*?)"ipamV4Info":"(?:[^"\\\\]|\\\\.)*",(?=[^\\0]*?"name":"${name}")`,
    'g',
  )
  const halved = text.replace(stored, (found, between: string) =>
    `"inDelete":true ${between}`.padEnd(found.length),
  )
  expect(halved).not.toBe(text)
  writeFileSync(store, halved, 'latin1')
}

describe.skipIf(noEngine)('the Engine of a test', () => {
  test('starts again after it was killed while it removed a network: the network is gone, and others are not', async () => {
    const engine = await startEngine({ liveRestore: true })
    onTestFinished(engine.remove)
    const { docker } = engine
    const subnetOf = async (network: Docker.Network) => (await network.inspect()).IPAM?.Config?.[0]?.Subnet
    const kept = [await docker.createNetwork({ Name: 'one' }), await docker.createNetwork({ Name: 'two' })]
    const subnets = await Promise.all(kept.map(subnetOf))
    const { id } = await docker.createNetwork({ Name: 'half' })
    await engine.kill()
    halfRemove(join(folderOf(engine), 'root/network/files/local-kv.db'), 'half')
    await engine.start()
    expect((await docker.listNetworks()).map(({ Name }) => Name).sort()).toEqual([
      'host',
      'none',
      'one',
      'two',
    ])
    expect(await Promise.all(kept.map(subnetOf))).toEqual(subnets)
    expect(existsSync(`/sys/class/net/br-${id.slice(0, 12)}`)).toBe(false)
  })

  test('can be removed when it does not start any more, with all that it runs', async () => {
    const engine = await startEngine({ liveRestore: true })
    const { docker } = engine
    const network = await docker.createNetwork({ Name: 'one' })
    const container = await docker.createContainer({
      Image: await serviceImage(docker, 'never-answers'),
      HostConfig: { NetworkMode: 'one' },
    })
    await container.start()
    const { State } = await container.inspect()
    const folder = folderOf(engine)
    await engine.kill()
    writeFileSync(join(folder, 'daemon.json'), 'broken')
    const start = await engine.start().catch(({ message }) => message)
    const outlivedIt = isAlive(State.Pid)
    await engine.remove()
    expect(start).toMatch(/^It ended/)
    expect(outlivedIt).toBe(true)
    expect(isAlive(State.Pid)).toBe(false)
    expect(existsSync(`/sys/class/net/br-${network.id.slice(0, 12)}`)).toBe(false)
    expect(existsSync(folder)).toBe(false)
    expect(readFileSync('/proc/mounts', 'utf8')).not.toContain(folder)
    expect(commandLinesWith(folder)).toEqual([])
  })
})

const commandLinesWith = (word: string) =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        return line.includes(word) ? [line] : []
      } catch {
        return []
      }
    })
