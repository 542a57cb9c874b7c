import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { FOLDERS } from '~/scripts/steps/sources.mjs'

it('.dockerignore lets in every folder that a build reads', () => {
  const lines = readFileSync('.dockerignore', 'utf8').split('\n')
  const letIn = (path: string) =>
    lines.some(
      (line) => line === `!${path}` || (line.startsWith('!') && path.startsWith(`${line.slice(1)}/`)),
    )
  expect(lines[1]).toBe('*')
  expect(FOLDERS.filter((path) => !letIn(path))).toEqual([])
})
