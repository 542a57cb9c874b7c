import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { addMachineEvent } from '~/db/machine-events'
import { until } from '../support/until'
import { follow } from './events'
import { startSite } from './site'
import { inputQuery } from './visitor'

interface Told {
  events: { id: number; text: string }[]
}

it('fault 48: a watcher whose connection is cut again and again loses no event, and hears none twice', async () => {
  const { admin, db, clock, signedIn, runMachine } = await startSite()
  const id = runMachine(admin)
  const browser = signedIn(admin)
  const happens = (n: number) => addMachineEvent(db, id, `Event ${n}`, clock())
  const numbers: number[] = []
  const heard = new Map<number, string>()
  let lastEventId: string | undefined
  for (let n = 0; n < 15; n++) {
    if (n % 2) happens(n)
    const stream = await follow(browser, 'machines.watch', { id }, lastEventId)
    if (n % 2 === 0) happens(n)
    const told = await stream.next()
    for (const event of (told.data as Told).events) heard.set(event.id, event.text)
    numbers.push(Number(told.id))
    lastEventId = told.id
    stream.leave()
  }
  happens(15)
  const last = await (await follow(browser, 'machines.watch', { id }, lastEventId)).next()
  for (const event of (last.data as Told).events) heard.set(event.id, event.text)
  numbers.push(Number(last.id))
  // Each a later one than the one before: nothing was told a second time.
  expect(numbers).toEqual([...new Set(numbers)].sort((one, other) => one - other))
  const texts = [...heard].sort(([one], [other]) => one - other).map(([, text]) => text)
  expect(texts.filter((text) => text.startsWith('Event'))).toEqual(
    Array.from({ length: 16 }, (_, n) => `Event ${n}`),
  )
})

it('fault 48: who comes back and has missed nothing is told nothing, until something happens', async () => {
  const { admin, db, clock, signedIn, runMachine } = await startSite()
  const id = runMachine(admin)
  const first = await follow(signedIn(admin), 'machines.watch', { id })
  const { id: lastEventId } = await first.next()
  first.leave()
  const second = await follow(signedIn(admin), 'machines.watch', { id }, lastEventId)
  const next = second.next()
  addMachineEvent(db, id, 'Something', clock())
  expect(((await next).data as Told).events.at(-1)?.text).toBe('Something')
})

it('fault 49: a watcher that never reads costs a few messages of memory, and is closed', async () => {
  const { admin, db, clock, signedIn, runMachine, port, sockets } = await startSite({ unreadMaxMs: 1000 })
  const id = runMachine(admin)
  const text = 'x'.repeat(100_000)
  const goesOn = () => addMachineEvent(db, id, text, clock())
  const client = connect(port, '127.0.0.1').pause()
  client.on('error', () => undefined)
  await once(client, 'connect')
  const path = `/trpc/machines.watch${inputQuery({ id })}`
  client.write(`GET ${path} HTTP/1.1\r\nHost: slipway.test:3000\r\nCookie: ${signedIn(admin).cookie}\r\n\r\n`)
  let most = 0
  await until('the watcher is connected', () => sockets.count() === 1)
  await until('the watcher is closed', () => {
    goesOn()
    most = Math.max(most, sockets.buffered())
    return sockets.count() === 0
  })
  const { n } = db.$client.prepare('select count(*) as n from machine_events').get() as { n: number }
  // All of it was far more than what was kept for a reader who never came.
  expect(most).toBeGreaterThan(0)
  expect(most).toBeLessThan(25_000_000)
  expect(n * text.length).toBeGreaterThan(10 * 100_000)
  client.destroy()
})
