import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type Installation, openInstallation } from '~/db/installation'
import { canaryKeyId, tokenKeyIds } from '~/db/key-use'
import { parseKeyring } from '~/db/keyring'
import { openProviderTokens, saveProviderToken, tokenContext } from '~/db/provider-tokens'
import { providerTokens } from '~/db/schema'
import { keyIdOf, seal } from '~/db/sealing'
import { createUser } from '~/db/users'
import { SOMEBODY } from '../support/actors'
import { bundled } from '../support/bundle'
import { testInstallation } from '../support/installation'

const KILLS = 9

/** Users with a token each, and the real command. */
async function withUsers(count: number) {
  const system = testInstallation()
  const { db, installation, clock, dataDir } = system
  const program = await bundled('db/rotate-keys.ts')
  db.$client.pragma('synchronous = OFF')
  const values = new Map<string, string>()
  for (let n = 0; n < count; n++) {
    const { id } = createUser(db, { name: `User ${n}`, role: 'member' }, clock)
    values.set(id, `hf_CANARY${id}`)
    saveProviderToken(system, id, 'huggingface', `hf_CANARY${id}`, SOMEBODY)
  }
  db.$client.pragma('synchronous = FULL')
  const file = join(dataDir, 'token-keys')
  const start = () => openInstallation(db, { tokenKeys: undefined, dataDir }, clock)
  const opens = (id: string, by: Installation) => openProviderTokens(db, by, id)[0]?.value === values.get(id)
  return {
    ...system,
    ids: [...values.keys()],
    start,
    keyIds: () => parseKeyring(readFileSync(file, 'utf8'), file).map(({ id }) => id),
    dropOldKeys: () => writeFileSync(file, `${readFileSync(file, 'utf8').split('\n')[0]}\n`),
    used: () => [...new Set([canaryKeyId(db), ...tokenKeyIds(db)])],
    opens: (id: string) => opens(id, installation),
    unreadable: () =>
      [installation, start()].flatMap((by) => [...values.keys()].filter((id) => !opens(id, by))),
    save(id: string, value: string) {
      saveProviderToken(system, id, 'huggingface', value, SOMEBODY)
      values.set(id, value)
    },
    command() {
      const child = spawn(process.execPath, [program], {
        env: { NODE_ENV: 'production', PATH: process.env.PATH, DATA_DIR: dataDir },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      let errors = ''
      child.stderr.setEncoding('utf8').on('data', (text) => {
        errors += text
      })
      const lines: string[] = []
      const output = createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
      const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, errors }))
      const prints = async (pattern: RegExp) => {
        while (!lines.some((line) => pattern.test(line)))
          await Promise.race([
            once(output, 'line'),
            ended.then(({ code, errors }) =>
              Promise.reject(new Error(`ended (${code}): ${lines} ${errors}`)),
            ),
          ])
      }
      return { child, lines, ended, prints }
    },
  }
}

test('fault 57: rotations killed at random moments leave every token readable, and end on the new key', async () => {
  const { ids, keyIds, used, opens, unreadable, save, command, start, dropOldKeys } = await withUsers(1200)
  const [oldKey] = keyIds()
  const random = (below: number) => Math.floor(Math.random() * below)
  const anyone = () => ids[random(ids.length)] ?? ''
  const isOver = () => keyIds().length > 1 && used().join() === keyIds()[0]
  const stoppedAt: (string | undefined)[][] = []
  for (let n = 0; !isOver(); n++) {
    const run = command()
    let running = true
    const ended = run.ended.finally(() => {
      running = false
    })
    // The first is surely amid the tokens; the others anywhere, also before anything has begun.
    const moment = n === 0 ? run.prints(/^\d[\d,]* of/) : n % 3 ? run.prints(/key/) : pause(random(400))
    const killed = moment.then(async () => {
      if (n > 0) await pause(random(15))
      if (n < KILLS) run.child.kill('SIGKILL')
    })
    while (running) {
      expect(opens(anyone())).toBe(true)
      save(anyone(), `hf_CANARYsaved${n}x${random(1e9)}`)
      await pause(5)
    }
    await killed
    expect((await ended).errors).toBe('')
    stoppedAt.push(used())
    expect(unreadable()).toEqual([])
    expect(keyIds().at(-1)).toBe(oldKey)
    if (!isOver()) expect(run.lines.join()).not.toContain('may go')
  }
  expect(stoppedAt[0]).toHaveLength(2)
  expect(keyIds()).toHaveLength(2)
  dropOldKeys()
  start()
  expect(unreadable()).toEqual([])
}, 120_000)

test('a second rotation at the same time says so and ends, and the first comes to its end', async () => {
  const { command, keyIds, used, unreadable, db } = await withUsers(3)
  db.$client.exec('begin immediate')
  const first = command()
  await first.prints(/busy/)
  const second = await command().ended
  expect(second.code).toBe(1)
  expect(second.errors).toBe(
    `Another process (${first.child.pid}) rotates the keys already. Nothing was changed.\n`,
  )
  expect(keyIds()).toHaveLength(1)
  db.$client.exec('commit')
  expect(await first.ended).toMatchObject({ code: 0, errors: '' })
  expect(keyIds()).toHaveLength(2)
  expect(used()).toEqual([keyIds()[0]])
  expect(unreadable()).toEqual([])
})

test('a token that is sealed before the first key changes and written late is not left behind', async () => {
  const { command, keyIds, used, member, installation, db, clock } = await withUsers(3)
  const [oldKey] = keyIds()
  // What saving does, in slow motion.
  db.$client.exec('begin immediate')
  const sealed = seal(
    installation.sealingKeyring(db as never),
    tokenContext(member.id, 'civitai'),
    'CANARYlate',
  )
  const run = command()
  await run.prints(/busy/)
  expect(keyIds()).toEqual([oldKey])
  const row = { sealed, keyId: keyIdOf(sealed), visible: '', fingerprint: '', updatedAt: clock() }
  db.insert(providerTokens)
    .values({ userId: member.id, provider: 'civitai', ...row })
    .run()
  db.$client.exec('commit')
  expect(await run.ended).toMatchObject({ code: 0, errors: '' })
  expect(row.keyId).toBe(oldKey)
  expect(used()).toEqual([keyIds()[0]])
  expect(openProviderTokens(db, installation, member.id)[0]?.value).toBe('CANARYlate')
})

test('the command prints no key, on success or failure, and says before the first start what is missing', async () => {
  const { command, dataDir, db } = await withUsers(3)
  const run = command()
  expect(await run.ended).toMatchObject({ code: 0, errors: '' })
  for (const key of readFileSync(join(dataDir, 'token-keys'), 'utf8').trim().split('\n'))
    expect(run.lines.join()).not.toContain(key)
  db.$client.close()
  rmSync(join(dataDir, 'slipway.db'))
  const { code, errors } = await command().ended
  expect(code).toBe(1)
  expect(errors).toBe(`There is no database in ${dataDir}. \`npm start\` makes it.\n`)
})
