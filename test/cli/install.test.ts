import { cpSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import express from 'express'
import { expect, it, onTestFinished } from 'vitest'
import { cliPackage } from '~/app/server/cli-package'
import { temporaryFolder } from '../support/temp-folder'
import { openNpm } from './npm'
import { runProgram } from './run-command'
import { startCliSite } from './site'

const VERSION: string = JSON.parse(readFileSync('package.json', 'utf8')).version

/** The route alone, over a copy of what was built. */
async function servePackage(folder: string, port = 0) {
  const app = express().use(cliPackage({ folder, publicUrl: 'https://slipway.example.org' }))
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const close = () => new Promise((resolve) => server.close(resolve).closeAllConnections())
  onTestFinished(async () => void (await close()))
  return { port: (server.address() as AddressInfo).port, close }
}

it('npm installs the command from a server, without a registry, and it knows that server', async () => {
  const { site, url } = await startCliSite()
  const { npm: run, runcomfy } = openNpm()
  const installing = await run('install', '--global', `${url}/cli.tgz`)
  expect(installing).toMatchObject({ code: 0, stderr: '' })
  expect(await runcomfy(['--version'])).toMatchObject({
    code: 0,
    stdout: `runcomfy ${VERSION}\n`,
    stderr: '',
  })
  const { token } = site.withApiToken(site.admin, ['write'])
  const who = await runcomfy(['whoami', '--output', 'json'], { env: { RUNCOMFY_TOKEN: token } })
  expect(JSON.parse(who.stdout)).toMatchObject({ id: site.admin.id })
})

it('installing again takes what the server has by then', async () => {
  const { npm: run, folder, runcomfy } = openNpm()
  const built = join(folder, 'built')
  cpSync('build/cli', built, { recursive: true })
  const first = await servePackage(built)
  const url = `http://127.0.0.1:${first.port}/cli.tgz`
  await run('install', '--global', url)
  await first.close()

  const program = readFileSync(join(built, 'runcomfy.mjs'), 'utf8')
  writeFileSync(join(built, 'runcomfy.mjs'), program.replace(`"${VERSION}"`, '"99.0.0"'))
  await servePackage(built, first.port)
  expect(await run('install', '--global', url)).toMatchObject({ code: 0 })
  expect((await runcomfy(['--version'])).stdout).toBe('runcomfy 99.0.0\n')
})

it('npm installs the command from a checkout', async () => {
  const { npm: run, runcomfy } = openNpm()
  expect(await run('install', '--global', './build/cli')).toMatchObject({ code: 0 })
  expect((await runcomfy(['--version'])).stdout).toBe(`runcomfy ${VERSION}\n`)
  expect((await runcomfy(['whoami'])).stderr).toContain('runcomfy login')
})

it('the package is the same bytes each time, checked again each time, and whole without its source map', async () => {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  cpSync('build/cli', folder.path, { recursive: true })
  const take = async (port: number, init?: RequestInit) => fetch(`http://127.0.0.1:${port}/cli.tgz`, init)
  const [one, other] = [await servePackage('build/cli'), await servePackage(folder.path)]
  const answer = await take(one.port)
  const bytes = Buffer.from(await answer.arrayBuffer())
  expect(Buffer.from(await (await take(other.port)).arrayBuffer()).equals(bytes)).toBe(true)
  expect(answer.headers.get('content-type')).toBe('application/gzip')
  expect(answer.headers.get('cache-control')).toBe('no-cache')
  const etag = String(answer.headers.get('etag'))
  // Without the second header fetch itself asks for no cached answer.
  const again = { 'if-none-match': etag, 'cache-control': 'max-age=0' }
  expect((await take(one.port, { headers: again })).status).toBe(304)
  const head = await take(one.port, { method: 'HEAD' })
  expect([head.status, head.headers.get('content-length')]).toEqual([200, String(bytes.length)])

  writeFileSync(join(folder.path, 'cli.tgz'), bytes)
  const listed = await runProgram('tar', ['-tzf', join(folder.path, 'cli.tgz')])
  expect(listed.stdout.split('\n').filter(Boolean)).toEqual([
    'package/README.md',
    'package/THIRD-PARTY-LICENCES.txt',
    'package/package.json',
    'package/runcomfy.mjs',
    'package/default-server.json',
  ])
})

it('without a build the server says what is missing, and has the package once it is there', async () => {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  const { port } = await servePackage(folder.path)
  const refused = await fetch(`http://127.0.0.1:${port}/cli.tgz`)
  expect([refused.status, await refused.text()]).toEqual([404, expect.stringContaining('npm run build')])
  cpSync('build/cli', folder.path, { recursive: true })
  expect((await fetch(`http://127.0.0.1:${port}/cli.tgz`)).status).toBe(200)
})

it('a build while the server runs is what it gives away from then on, and nothing until that is whole', async () => {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  cpSync('build/cli', folder.path, { recursive: true })
  const { port } = await servePackage(folder.path)
  const take = async () => {
    const { status, headers } = await fetch(`http://127.0.0.1:${port}/cli.tgz`)
    return [status, headers.get('etag')]
  }
  const first = await take()
  const manifest = join(folder.path, 'package.json')
  const content = readFileSync(manifest)
  rmSync(manifest)
  writeFileSync(join(folder.path, 'runcomfy.mjs'), 'half a program')
  expect((await take())[0]).toBe(404)
  writeFileSync(manifest, content)
  utimesSync(manifest, 0, 0)
  const second = await take()
  expect([second[0], second[1] !== first[1]]).toEqual([200, true])
})

it('no registry can have a package of that name, so that npm can’t update to a stranger’s', () => {
  const { name } = JSON.parse(readFileSync('build/cli/package.json', 'utf8'))
  expect(name).toMatch(/[A-Z]/)
})

it('the licences of everything that is bundled are in the package', () => {
  const licences = readFileSync('build/cli/THIRD-PARTY-LICENCES.txt', 'utf8')
  for (const name of ['commander', '@trpc/client', 'eventsource'])
    expect(licences).toMatch(new RegExp(`^${name} \\d`, 'm'))
  expect(licences.match(/Permission is hereby granted/g)?.length).toBeGreaterThan(3)
})

it('a damaged package says so, and one that names no server is not damaged', async () => {
  const folder = temporaryFolder()
  onTestFinished(folder.remove)
  cpSync('build/cli/runcomfy.mjs', join(folder.path, 'runcomfy.mjs'))
  const run = () =>
    runProgram(process.execPath, [join(folder.path, 'runcomfy.mjs'), 'whoami'], {
      env: { HOME: folder.path },
    })
  expect(await run()).toMatchObject({ code: 77, stderr: expect.stringContaining('Not logged in') })
  for (const content of ['{"web_base', '{"web_base": "ftp://example.org"}', 'null']) {
    writeFileSync(join(folder.path, 'default-server.json'), content)
    expect((await run()).stderr).toContain('default-server.json')
  }
  rmSync(join(folder.path, 'default-server.json'))
})
