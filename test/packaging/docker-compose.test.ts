import { once } from 'node:events'
import { chownSync, mkdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { Agent, buildConnector } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packImage } from '~/scripts/steps/image.mjs'
import { noEngine, startEngine, type TestEngine } from '../support/engine'
import { freePort } from '../support/free-port'
import { temporaryFolder } from '../support/temp-folder'
import { until } from '../support/until'
import { cookieOf, dataOf, Visitor } from '../web/visitor'
import { compose, importRedis } from './compose'

const TOKEN = 'hf_CANARYcompose0123456789'
/** What every program in the image runs as. */
const US = 10_001

let engine: TestEngine
const folder = temporaryFolder()

beforeAll(async () => {
  if (noEngine) return
  engine = await startEngine()
  await packImage(engine.docker, { tag: 'slipway', dockerHost: engine.dockerHost })
  await importRedis(engine)
}, 300_000)
afterAll(async () => {
  await engine?.remove()
  folder.remove()
}, 120_000)

/** A browser for which every host is this one. */
function browserOf(port: number, cookie?: string) {
  const connect = buildConnector({})
  const dispatcher = new Agent({
    connect: (options, done) =>
      connect({ ...options, protocol: 'http:', hostname: '127.0.0.1', port: String(port) }, done),
  })
  return new Visitor({ origin: `http://localhost:${port}`, dispatcher }, cookie)
}

/** What the kernel says of the program of a container, which process 1 may have started. */
async function processOf(name: string) {
  const { State } = await engine.docker.getContainer(name).inspect()
  const read = (pid: string, file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8')
  const first = String(State.Pid)
  const [child = ''] = read(first, `task/${first}/children`).split(' ')
  const lines = read(child || first, 'status').split('\n')
  return new Map(lines.map((line) => [line.split(':')[0], line.split(/:\s*/)[1] ?? '']))
}

/** Runs an image by itself until it ends. */
async function runImage(
  command: string[],
  { image = 'slipway', env = [] as string[], binds = [] as string[] },
) {
  const container = await engine.docker.createContainer({
    Image: image,
    Cmd: command,
    Env: env,
    HostConfig: { NetworkMode: 'host', Binds: binds },
  })
  await container.start()
  const { StatusCode } = await container.wait()
  const said = String(await container.logs({ stdout: true, stderr: true }))
  await container.remove()
  return { code: StatusCode, said }
}

describe.skipIf(noEngine)('compose.yaml', () => {
  it('starts Slipway; who follows the link saves a token and launches a machine that holds it, which outlives down and up', {
    timeout: 240_000,
  }, async () => {
    const port = await freePort()
    const run = compose(engine, folder.path, {
      PORT: String(port),
      TOKEN_CHECKS: 'off',
      LOG_LEVEL: 'debug',
      // Nobody listens there; what is read only with it has to be in the image.
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    })
    await run('up', '--detach')
    const link = await until(
      'the link is printed',
      async () => /http:\/\/localhost:\d+\/sign-in\/\S+/.exec(await run('logs', 'welcome'))?.[0],
    )
    const isReady = (browser: Visitor) =>
      browser.get('/readyz').then(
        ({ status }) => status === 200,
        () => false,
      )
    await until('Slipway is ready', () => isReady(browserOf(port)))
    const cookie = cookieOf(await browserOf(port).submit(link))
    const browser = browserOf(port, cookie)
    expect(
      await browser.mutate('providerTokens.save', { provider: 'huggingface', token: TOKEN }),
    ).toMatchObject({ status: 200 })
    const launched = await browser.mutate('machines.launch', { kind: 'comfyui', name: 'Studio' })
    const { id } = dataOf<{ id: string }>(launched)
    const status = async () => dataOf<{ status: string }>(await browser.query('machines.get', { id })).status
    await until('the machine runs', async () => (await status()) === 'running', 60_000)

    const tokenInside = async () => {
      const { headers } = await browser.submit(`/machines/${id}/open/filebrowser`)
      const entered = await browserOf(port).get(String(headers.location))
      const host = new URL(String(headers.location)).origin
      return (await browserOf(port, cookieOf(entered)).get(`${host}/api/session`)).text
    }
    expect(await tokenInside()).toContain('hf_CAN')

    for (const service of ['web', 'worker', 'redis']) {
      const info = await processOf(`slipway_${service}_1`)
      expect([service, info.get('Uid'), info.get('CapEff')]).toEqual([
        service,
        Array(4).fill(US).join('\t'),
        '0'.repeat(16),
      ])
    }
    expect(await run('logs')).not.toContain(TOKEN)
    // What Docker asks inside the containers to see whether they are healthy.
    const health = [
      await runImage(['healthy'], { env: [`PORT=${port}`] }),
      await runImage(['redis-cli', '-e', '-s', '/data/redis.sock', 'ping'], {
        image: 'redis:7-alpine',
        binds: [`${folder.path}/data/redis:/data`],
      }),
    ]
    expect(health.map(({ code, said }) => (code === 0 ? 'healthy' : said))).toEqual(['healthy', 'healthy'])

    await run('down')
    expect(await engine.docker.listContainers()).toHaveLength(1)
    await run('up', '--detach')
    await until('Slipway is ready', () => isReady(browser))
    expect(await status()).toBe('running')
    expect(await tokenInside()).toContain('hf_CAN')
    expect((await browser.query('providerTokens.list')).text).toContain('hf_CAN')
    await run('down')
  })
})

describe.skipIf(noEngine)('the image', () => {
  it('says whose a data folder is that it may not write to, and the cure', async () => {
    const data = join(folder.path, 'foreign')
    mkdirSync(data, { mode: 0o700 })
    chownSync(data, 1234, 1234)
    const { code, said } = await runImage(['migrate'], {
      env: [`DATA_DIR=${data}`],
      binds: [`${data}:${data}`],
    })
    expect(code).toBe(1)
    expect(said).toContain(`${data} belongs to user 1234`)
    expect(said).toContain(`chown -R ${US}:${US} ${data}`)
  })

  it('says that its port is taken, and which setting changes it', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const data = join(folder.path, 'fresh')
    mkdirSync(data)
    chownSync(data, US, US)
    const options = { env: [`DATA_DIR=${data}`, `PORT=${port}`], binds: [`${data}:${data}`] }
    await runImage(['migrate'], options)
    const { code, said } = await runImage(['web'], options)
    server.close()
    expect(code).toBe(1)
    expect(said).toContain(`Port ${port} of 127.0.0.1 is taken by another program`)
  })
})
