import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type Docker from 'dockerode'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readToken } from '~/providers/token-format'
import type { LaunchError } from '~/worker/launch-errors'
import { assertConfined } from '~/worker/runtimes/docker/confined'
import { containerOptions, environmentOf } from '~/worker/runtimes/docker/containers'
import type { ServiceStart } from '~/worker/runtimes/docker/start-service'
import { assertPassable } from '~/worker/runtimes/environment'
import { serviceEnvironment } from '~/worker/runtimes/process/services'
import { serviceImages } from '~/worker/runtimes/service-images'
import { buildSnapshot } from '~/worker/snapshot'
import { SERVICE_SETTINGS } from '../support/service-settings'
import { temporaryFolder } from '../support/temp-folder'
import { planFor } from './conformance'

const NETWORK = 'a'.repeat(64)
const IMAGES = { comfyuiImage: 'comfyui', trainerImage: undefined, filebrowserImage: 'slipway-filebrowser' }

/** Text with the signs by which shells, templates, argument lists and environments are taken apart. */
const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 5 }),
      fc.constantFrom(
        '\n',
        '\r',
        "'",
        '"',
        '`',
        '\\',
        '$(id)',
        '$HOME',
        '{{.ID}}',
        '%s',
        '=',
        ' ',
        '--privileged',
        '-v',
        ';',
        '&&',
        '|',
        '#',
        '../',
      ),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join('').replaceAll('\0', ''))

function containerFor(env: Record<string, string>, dataDir = '/data') {
  const run = serviceImages(IMAGES).comfyui
  if (!run) throw new Error('There is no image.')
  const folders = {
    workspace: join(dataDir, 'workspaces', 'workspace'),
    models: join(dataDir, 'models', 'user'),
    home: join(dataDir, 'machines', 'machine', 'home'),
  }
  const owner = { installationId: 'one', machineId: 'machine', attempt: 1 }
  const start = {
    owner,
    service: 'comfyui',
    run,
    env,
    plan: planFor([]),
    folders,
    hostUser: '1000:1000',
  } as unknown as ServiceStart
  return { options: containerOptions(start, { network: NETWORK, hostPort: 40_000 }), folders }
}

const snapshotOf = (machineName: string, token: string) => {
  const tokens = [{ provider: 'huggingface' as const, value: token }]
  const [service] = buildSnapshot({
    machine: { id: 'machine', name: machineName, kind: 'comfyui' },
    services: ['comfyui'],
    tokens,
    takenAt: 0,
    settings: SERVICE_SETTINGS,
  })
  return service?.env ?? {}
}

function refusalOf(env: Record<string, string>): LaunchError {
  try {
    assertPassable(env)
  } catch (error) {
    return error as LaunchError
  }
  throw new Error('It was not refused.')
}

describe('fault 98: whatever a name or a value holds is data', () => {
  test('in a container: its own variable, and not a word of anything else', () => {
    const { Env: _, ...benign } = containerFor({}).options
    fc.assert(
      fc.property(hostile, hostile, (name, token) => {
        const env = snapshotOf(name, token)
        const { Env = [], ...rest } = containerFor(env).options
        expect(rest).toEqual(benign)
        expect(Env).toHaveLength(Object.keys(env).length)
        expect(Object.fromEntries(environmentOf(Env))).toEqual(env)
        expect(env).toMatchObject({ SLIPWAY_MACHINE_NAME: name, HF_TOKEN: token })
      }),
    )
  })

  test('in a process: the same', () => {
    const settings = { installationId: 'one', environment: {} }
    const folders = { run: '/run', home: '/home', workspace: '/workspace' }
    const of = (env: Record<string, string>) =>
      serviceEnvironment({ service: 'comfyui', env, plan: planFor([]), folders, settings }, 40_000)
    fc.assert(
      fc.property(hostile, hostile, (name, token) => {
        const env = snapshotOf(name, token)
        expect(of(env)).toEqual({ ...of({}), ...env })
        expect(() => assertPassable(of(env))).not.toThrow()
      }),
    )
  })

  test('a value can’t stand in for what the runtime itself says', () => {
    const planted = { PORT: '1', HOST: '0.0.0.0', SLIPWAY_MACHINE_ID: 'other', SLIPWAY_INSTALLATION: 'other' }
    const settings = { installationId: 'one', environment: {} }
    const folders = { run: '/run', home: '/home', workspace: '/workspace' }
    const start = { service: 'comfyui' as const, env: planted, plan: planFor([]), folders, settings }
    expect(serviceEnvironment(start, 40_000)).toMatchObject({
      PORT: '40000',
      HOST: '127.0.0.1',
      SLIPWAY_MACHINE_ID: 'machine',
      SLIPWAY_INSTALLATION: 'one',
    })
  })

  test('what can’t be passed on whole is refused by its name, and its value is not said', () => {
    fc.assert(
      fc.property(hostile, hostile, (before, after) => {
        const { message, detail } = refusalOf({ TOKEN: `${before}\0${after}CANARY` })
        expect([message, detail]).toEqual(['internal', 'The variable TOKEN holds a NUL character.'])
      }),
    )
    for (const name of ['', 'A=B', 'A B', '1A', 'A\n', 'A\0', 'é'])
      expect(refusalOf({ [name]: 'x' }).detail).toContain('no program could read')
  })

  test('a token with anything but plain signs is not even saved', () => {
    fc.assert(
      fc.property(
        hostile,
        fc.constantFrom('\n', '\0', ' ', '\r', '\u0085', 'é', '\u202e'),
        hostile,
        (before, sign, after) => {
          expect(readToken('civitai', `x${before}${sign}${after}x`).fault).toBeDefined()
        },
      ),
    )
  })
})

describe('fault 99: no container is made that could get out', () => {
  function confined() {
    const folder = temporaryFolder()
    onTestFinished(() => folder.remove())
    const dataDir = folder.path
    const { options, folders } = containerFor(snapshotOf('One', 'hf_CANARYone'), dataDir)
    for (const path of Object.values(folders)) mkdirSync(path, { recursive: true })
    return {
      dataDir,
      options,
      look: (given = options) => assertConfined(given, { dataDir, network: NETWORK }),
    }
  }

  test('one as Slipway makes it is', async () => {
    const { look } = confined()
    await look()
  })

  test('one with a graphics card is', async () => {
    const { options, look } = confined()
    const DeviceRequests = [{ Driver: '', Count: 1, Capabilities: [['gpu']] }]
    await look({ ...options, HostConfig: { ...options.HostConfig, DeviceRequests } })
  })

  const mount = (Source: string, Target = '/workspace', Type = 'bind') => ({
    Mounts: [{ Type, Source, Target }],
  })
  test.each<[string, object]>([
    ['privileges', { Privileged: true }],
    ['privileges, even denied', { Privileged: false }],
    ['the host’s network', { NetworkMode: 'host' }],
    ['another container’s network', { NetworkMode: `container:${'b'.repeat(64)}` }],
    ['the network that all share', { NetworkMode: 'bridge' }],
    ['another machine’s network', { NetworkMode: 'b'.repeat(64) }],
    ['no network said', { NetworkMode: undefined }],
    ['the host’s processes', { PidMode: 'host' }],
    ['the host’s shared memory', { IpcMode: 'host' }],
    ['the host’s name', { UTSMode: 'host' }],
    ['the host’s users', { UsernsMode: 'host' }],
    ['the host’s control groups', { CgroupnsMode: 'host' }],
    ['a control group of its choice', { CgroupParent: '/' }],
    ['a capability', { CapAdd: ['SYS_ADMIN'] }],
    ['capabilities kept', { CapDrop: [] }],
    ['no rules for system calls', { SecurityOpt: ['no-new-privileges', 'seccomp=unconfined'] }],
    ['new privileges', { SecurityOpt: [] }],
    ['a device', { Devices: [{ PathOnHost: '/dev/sda', PathInContainer: '/dev/sda' }] }],
    ['rules for devices', { DeviceCgroupRules: ['a *:* rwm'] }],
    ['any device by a driver', { DeviceRequests: [{ Driver: 'cdi', Capabilities: [['gpu']] }] }],
    ['more than graphics of a device', { DeviceRequests: [{ Capabilities: [['gpu', 'display']] }] }],
    ['kernel settings', { Sysctls: { 'kernel.core_pattern': '|/x' } }],
    ['another runtime', { Runtime: 'runc-privileged' }],
    ['unmasked paths', { MaskedPaths: [] }],
    ['volumes of others', { VolumesFrom: ['other'] }],
    ['a bind', { Binds: ['/:/host'] }],
    ['every port', { PublishAllPorts: true }],
    ['a port for everybody', { PortBindings: { '8188/tcp': [{ HostIp: '0.0.0.0', HostPort: '40000' }] } }],
    ['a port with no address', { PortBindings: { '8188/tcp': [{ HostPort: '40000' }] } }],
    ['a file system over its own', { Tmpfs: { '/workspace': '' } }],
    ['the host’s files', mount('/')],
    ['the Engine’s socket', mount('/var/run/docker.sock')],
    ['a volume', mount('volume', '/workspace', 'volume')],
    ['a place that isn’t there', mount('/nowhere')],
  ])('with %s it is refused', async (_what, host) => {
    const { options, look } = confined()
    await expect(look({ ...options, HostConfig: { ...options.HostConfig, ...host } })).rejects.toThrow(
      'was not made',
    )
  })

  test('a folder that leads out of those that machines have is refused', async () => {
    const { options, look, dataDir } = confined()
    const link = join(dataDir, 'workspaces', 'link')
    symlinkSync('/etc', link)
    const sources = [
      dataDir,
      join(dataDir, 'workspaces'),
      join(dataDir, 'workspaces/..'),
      join(dataDir, 'workspaces/../..'),
      `${dataDir}x`,
      link,
    ]
    for (const source of sources) {
      const host = { ...options.HostConfig, ...mount(source) } as Docker.HostConfig
      await expect(look({ ...options, HostConfig: host })).rejects.toThrow('its Mounts')
    }
    const [first] = options.HostConfig?.Mounts ?? []
    for (const changed of [{ Target: '/etc' }, { BindOptions: { Propagation: 'rshared' } }]) {
      const Mounts = [{ ...first, ...changed }] as Docker.MountSettings[]
      await expect(look({ ...options, HostConfig: { ...options.HostConfig, Mounts } })).rejects.toThrow(
        'its Mounts',
      )
    }
  })

  test.each([
    ['root', { User: 'root' }],
    ['nobody said', { User: undefined }],
    ['a command', { Cmd: ['sh'] }],
    ['an entry point', { Entrypoint: ['sh'] }],
    ['further networks', { NetworkingConfig: { EndpointsConfig: { host: {} } } }],
    ['volumes', { Volumes: { '/x': {} } }],
  ])('as or with %s it is refused', async (_what, changed) => {
    const { options, look } = confined()
    await expect(look({ ...options, ...changed } as Docker.ContainerCreateOptions)).rejects.toThrow(
      'was not made',
    )
  })
})
