import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import express from 'express'
import { expect, onTestFinished, test } from 'vitest'
import { liveEvents } from '~/filebrowser/http/live'
import { until } from '../support/until'
import { testTimers } from './test-timers'

const LARGE = 'x'.repeat(1_000_000)

/** Follows a number that grows, told with so much around it that a reader has to read. */
async function withLive() {
  const timers = testTimers()
  const state = { count: 0, told: 0, followers: new Set<() => void>() }
  const app = express().get(
    '/',
    liveEvents('this test', timers, (onChange) => {
      state.followers.add(onChange)
      return {
        take: () => [{ number: state.count, told: ++state.told, LARGE }],
        stop: () => state.followers.delete(onChange),
      }
    }),
  )
  const server = createServer(app)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  onTestFinished(() => {
    socket.destroy()
    server.close()
  })
  socket.pause()
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await until('somebody follows', async () => state.followers.size === 1)
  function change(times: number) {
    for (let time = 0; time < times; time++) {
      state.count++
      for (const onChange of state.followers) onChange()
    }
  }
  return { timers, state, socket, change }
}

test('a reader that reads late is told the latest state alone, and nothing piles up until then', async () => {
  const { timers, state, socket, change } = await withLive()
  change(1000)
  expect(state.told).toBeLessThan(20)
  timers.advance(29_000)
  let text = ''
  socket.on('data', (chunk) => {
    text = (text + chunk).slice(-3 * LARGE.length)
  })
  socket.resume()
  await until('the latest has come', async () => text.includes('"number":1000'))
  timers.advance(29_000)
  expect(state.followers.size).toBe(1)
})

test('a reader that reads nothing for 30 seconds is given up', async () => {
  const { timers, state, change } = await withLive()
  change(20)
  timers.advance(30_000)
  await until('it is gone', async () => state.followers.size === 0)
})
