import { format } from 'node:util'
import { afterEach } from 'vitest'

const complaints: string[] = []
const print = console.error
console.error = (...parts: unknown[]) => {
  complaints.push(format(...parts))
  print(...parts)
}

// A test that expects a complaint replaces console.error with a spy of its own.
afterEach(() => {
  const found = complaints.splice(0)
  if (found.length > 0) throw new Error(`console.error was called:\n${found.join('\n')}`)
})
