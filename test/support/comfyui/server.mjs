import { randomUUID } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { basename, join } from 'node:path'
import { WebSocketServer } from 'ws'
import { answerOddly } from './faults.mjs'
import { nodeClasses } from './nodes.mjs'
import { promptQueue } from './prompt-queue.mjs'
import { validate } from './validate.mjs'

/**
 * A stand-in for ComfyUI that speaks its HTTP and websocket API as the real one does.
 * @param {{ host?: string, port?: number, workspace: string, environment?: Record<string, string | undefined>, faults?: import('./faults.mjs').Faults }} options
 *   workspace: where its models, inputs and outputs lie
 */
export async function startComfyUi({
  host = '127.0.0.1',
  port = 0,
  workspace,
  environment = {},
  faults = {},
}) {
  const site = { workspace, environment }
  for (const folder of ['models/checkpoints', 'models/loras', 'input', 'output', 'temp'])
    mkdirSync(join(workspace, folder), { recursive: true })
  /** @type {Map<string, import('ws').WebSocket>} */
  const sockets = new Map()
  /** @type {{ method: string, url: string, headers: import('node:http').IncomingHttpHeaders }[]} */
  const requests = []
  const queue = promptQueue(site, faults, tell)
  /** @type {(() => void)[]} */
  const held = []
  let number = 0

  /**
   * @param {string | undefined} clientId
   * @param {string} type
   * @param {object} data
   */
  function tell(clientId, type, data) {
    for (const [id, socket] of sockets)
      if (clientId === undefined || id === clientId) socket.send(JSON.stringify({ type, data }))
  }

  /** @type {Record<string, (call: Call) => unknown>} */
  const routes = {
    'GET /': ({ response }) => response.end('ComfyUI'),
    'GET /system_stats': ({ json }) =>
      json({ system: { os: 'posix', comfyui_version: faults.oldVersion ? '0.2.2' : '0.3.75' }, devices: [] }),
    'GET /object_info': ({ json, rest }) => json(describe(nodeClasses(site), rest)),
    'GET /queue': ({ json }) => json(queue.queue()),
    'POST /queue': async ({ body, response }) => {
      for (const id of JSON.parse(await body()).delete ?? []) queue.delete(id)
      response.end()
    },
    'POST /interrupt': async ({ body, response }) => {
      queue.interrupt(JSON.parse((await body()) || '{}').prompt_id)
      response.end()
    },
    'GET /history': ({ json, rest, query }) => {
      const all = [...queue.history()]
      if (rest) return json(Object.fromEntries(all.filter(([id]) => id === rest)))
      json(Object.fromEntries(all.slice(-Number(query.get('max_items') ?? all.length))))
    },
    'GET /prompt': ({ json }) => {
      const { queue_running, queue_pending } = queue.queue()
      json({ exec_info: { queue_remaining: queue_running.length + queue_pending.length } })
    },
    'POST /prompt': async ({ body, json, response }) => {
      const { prompt, prompt_id, client_id, extra_data = {} } = JSON.parse(await body())
      if (faults.refuse) return json(faults.refuse, 400)
      const { error, nodeErrors, outputs } = validate(prompt, nodeClasses(site), site)
      if (error) return json({ error, node_errors: nodeErrors }, 400)
      const id = faults.oldVersion ? randomUUID() : (prompt_id ?? randomUUID())
      queue.put([number, id, prompt, { ...extra_data, client_id }, outputs])
      if (faults.dropsAnswer) return response.destroy()
      if (faults.neverAnswers) return
      json({ prompt_id: id, number: number++, node_errors: nodeErrors })
    },
    'POST /upload/image': async ({ form, json, response }) => {
      const fields = await form()
      const image = /** @type {File | null} */ (fields.get('image'))
      const subfolder = String(fields.get('subfolder') ?? '')
      if (!image?.name) return response.writeHead(400).end()
      const folder = join(workspace, 'input', subfolder)
      mkdirSync(folder, { recursive: true })
      writeFileSync(join(folder, basename(image.name)), Buffer.from(await image.arrayBuffer()))
      json({ name: image.name, subfolder, type: 'input' })
    },
    'GET /view': ({ query, request, response }) => {
      const { filename = '', subfolder = '', type = 'output' } = Object.fromEntries(query)
      const file = join(workspace, type, subfolder, basename(filename))
      if (!['output', 'input', 'temp'].includes(type) || subfolder.includes('..'))
        return response.writeHead(400).end()
      if (!filename || !existsSync(file)) return response.writeHead(404).end()
      sendFile(request, response, file)
    },
    'GET /__prompts': ({ json }) => json(queue.accepted()),
    'POST /__faults': async ({ body, response }) => {
      for (const name of Object.keys(faults)) Reflect.deleteProperty(faults, name)
      Object.assign(faults, JSON.parse(await body()))
      for (const goOn of held.splice(0)) goOn()
      response.end()
    },
    'POST /__release': async ({ body, response }) => {
      queue.release(JSON.parse((await body()) || '{}').times)
      response.end()
    },
  }

  const server = createServer(async (request, response) => {
    const { method = '', headers } = request
    const url = new URL((request.url ?? '/').replace(/^\/api(?=\/)/, ''), 'http://comfyui')
    requests.push({ method, url: request.url ?? '', headers })
    // Browsers on other sites are kept out, as by the real one.
    const { origin } = headers
    if (headers['sec-fetch-site'] === 'cross-site' || (origin && new URL(origin).host !== headers.host))
      return void response.writeHead(403).end()
    const oddity = Object.entries(faults.answers ?? {}).find(([path]) => url.pathname.startsWith(path))?.[1]
    if (oddity && !url.pathname.startsWith('/__'))
      return answerOddly(response, oddity, `http://${headers.host}/__elsewhere`)
    if (faults.holds?.some((path) => url.pathname.startsWith(path)))
      await new Promise((resolve) => held.push(() => resolve(undefined)))
    const whole = Object.keys(routes).find((route) => route === `${method} ${url.pathname}`)
    const below = Object.keys(routes).find((route) => `${method} ${url.pathname}`.startsWith(`${route}/`))
    const route = whole ?? below
    if (!route) return void response.writeHead(404).end('404: Not Found')
    try {
      await faults.before?.(route)
      await routes[route]?.(
        callOf(request, response, url, whole ? '' : url.pathname.slice(route.split(' ')[1]?.length ?? 0)),
      )
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  })
  const websockets = new WebSocketServer({ noServer: true })
  server.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url ?? '/', 'http://comfyui')
    if (faults.noWebsocket) return void socket.destroy()
    websockets.handleUpgrade(request, socket, head, (client) => {
      const id = url.searchParams.get('clientId') || randomUUID()
      const send = client.send.bind(client)
      let left = faults.dropAfterFrames ?? Number.POSITIVE_INFINITY
      client.send = (/** @type {string} */ frame) => {
        send(frame)
        if (--left <= 0) client.terminate()
      }
      sockets.set(id, client)
      client.on('close', () => sockets.get(id) === client && sockets.delete(id))
      tell(id, 'status', { status: { exec_info: { queue_remaining: 0 } }, sid: id })
      // A preview, as the real one sends them in between.
      send(Buffer.from([0, 0, 0, 1, 0, 0, 0, 2]))
    })
  })
  await new Promise((resolve) => server.listen(port, host, () => resolve(undefined)))
  const address = /** @type {import('node:net').AddressInfo} */ (server.address())
  return {
    url: `http://${host}:${address.port}`,
    workspace,
    requests,
    /** May be changed as it goes. */
    faults,
    accepted: queue.accepted,
    release: queue.release,
    queue: queue.queue,
    listeners: () => sockets.size,
    async close() {
      queue.close()
      for (const socket of sockets.values()) socket.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/**
 * @typedef {object} Call
 * @property {import('node:http').IncomingMessage} request
 * @property {import('node:http').ServerResponse} response
 * @property {URLSearchParams} query
 * @property {string} rest of the path, below the route
 * @property {() => Promise<string>} body
 * @property {() => Promise<FormData>} form
 * @property {(answer: unknown, status?: number) => void} json
 */

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {URL} url
 * @param {string} rest
 * @returns {Call}
 */
function callOf(request, response, url, rest) {
  const read = async () => {
    const chunks = []
    for await (const chunk of request) chunks.push(chunk)
    return Buffer.concat(chunks)
  }
  return {
    request,
    response,
    query: url.searchParams,
    rest: decodeURIComponent(rest.slice(1)),
    body: async () => (await read()).toString('utf8'),
    form: async () =>
      new Response(await read(), {
        headers: { 'content-type': request.headers['content-type'] ?? '' },
      }).formData(),
    json: (answer, status = 200) =>
      void response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer)),
  }
}

/**
 * @param {Record<string, import('./nodes.mjs').NodeClass>} classes
 * @param {string} only the one that was asked for
 */
function describe(classes, only) {
  const described = Object.entries(classes).map(
    ([name, { required, optional, output, isOutput = false }]) => [
      name,
      {
        input: { required, ...(optional && { optional }) },
        output,
        name,
        display_name: name,
        output_node: isOutput,
      },
    ],
  )
  return Object.fromEntries(described.filter(([name]) => !only || name === only))
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 * @param {string} file
 */
function sendFile(request, response, file) {
  const { size } = statSync(file)
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
  const start = Number(first ?? 0)
  const end = last ? Math.min(Number(last), size - 1) : size - 1
  const range = first === undefined ? {} : { 'Content-Range': `bytes ${start}-${end}/${size}` }
  response.writeHead(first === undefined ? 200 : 206, {
    'Content-Type': file.endsWith('.png') ? 'image/png' : 'application/octet-stream',
    'Content-Length': end - start + 1,
    ...range,
  })
  createReadStream(file, { start, end }).pipe(response)
}
