import { format } from 'node:util'
import { afterAll, afterEach } from 'vitest'

const complaints: string[] = []
const print = console.error
console.error = (...parts: unknown[]) => {
  complaints.push(format(...parts))
  print(...parts)
}
afterAll(() => {
  console.error = print
})

// A test that expects a complaint replaces console.error with a spy of its own.
afterEach(() => {
  const found = complaints.splice(0)
  if (found.length > 0) throw new Error(`console.error was called:\n${found.join('\n')}`)
})
