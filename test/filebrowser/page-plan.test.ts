import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PlannedFile, PreflightView } from '~/filebrowser/contract'
import { type Lookup, looksLikeToken } from '~/filebrowser/page/downloads/add/lookup'
import {
  type Choices,
  plannedFiles,
  problems,
  requestsOf,
  total,
} from '~/filebrowser/page/downloads/add/planned'
import { planStart } from '~/filebrowser/page/downloads/add/start'
import { pastedLines } from '~/filebrowser/preflight/pasted-lines'

const file = (part: Partial<PlannedFile> = {}): PlannedFile => ({
  source: `https://huggingface.co/o/n/resolve/main/${part.name ?? 'a.safetensors'}`,
  name: 'a.safetensors',
  detail: null,
  size: 10,
  sha256: null,
  folder: 'models/loras',
  pickle: false,
  present: null,
  chosen: true,
  error: null,
  ...part,
})
const lookup = (files: PlannedFile[]): Lookup => ({
  id: 1,
  kind: 'address',
  label: 'o/n',
  plan: { files } as PreflightView,
})
const plan = (files: PlannedFile[], choices: Choices = {}) => plannedFiles(lookup(files), choices)
const start = (files: PlannedFile[], free: number, choices: Choices = {}) => {
  const planned = plan(files, choices)
  return planStart(planned, problems(planned), free, [])
}

describe('what a person pastes', () => {
  it('is one address a line, and a command that a backslash continues is one', () => {
    expect(pastedLines(' o/n \r\n\r\nhf download o/n \\\n  --include "*.gguf"\no/n')).toEqual([
      'o/n',
      'hf download o/n  --include "*.gguf"',
    ])
  })

  it('keeps a call in Python over several lines in one piece, and what is beside it apart', () => {
    const call = 'path = hf_hub_download(\n    repo_id="o/n",  # the (old\n    filename="a).bin",\n)'
    const whole = "snapshot_download('o/m')"
    const text = `from huggingface_hub import hf_hub_download\n${call}\no/other\n${whole}`
    expect(pastedLines(text)).toEqual([call, 'o/other', whole])
    // One that is never closed doesn't swallow what follows.
    expect(pastedLines('snapshot_download("o/n"\no/other')).toEqual(['snapshot_download("o/n"', 'o/other'])
  })

  it('loses no line, whatever is in it', () => {
    const line = fc.string().filter((text) => !/[\r\n\\]/.test(text) && text.trim() !== '')
    fc.assert(
      fc.property(fc.uniqueArray(line, { selector: (text) => text.trim() }), (lines) => {
        expect(pastedLines(lines.join('\n'))).toEqual(lines.map((text) => text.trim()))
      }),
    )
  })

  it('is known for a token when it is one, and only then', () => {
    for (const token of [`hf_CANARY${'a1'.repeat(14)}`, 'api_org_CANARYabcdefghijkl', 'ab12'.repeat(8)])
      expect([token, looksLikeToken(token)]).toEqual([token, true])
    for (const address of [
      'owner/name',
      'hf_models/name',
      'hf download o/n',
      'https://hf.co/o/n',
      'civitai:1@2',
    ])
      expect([address, looksLikeToken(address)]).toEqual([address, false])
  })
})

describe('a plan', () => {
  it('begins with what is proposed, and asks for exactly what was chosen', () => {
    const files = [file(), file({ name: 'b.ckpt', chosen: false }), file({ name: 'c.gguf' })]
    expect(requestsOf(plan(files))).toEqual([
      { source: files[0]?.source, folder: 'models/loras' },
      { source: files[2]?.source, folder: 'models/loras' },
    ])
    const changed = { '1/0': { chosen: false }, '1/2': { folder: ' models / vae/', name: 'mine.gguf' } }
    expect(requestsOf(plan(files, changed))).toEqual([
      { source: files[2]?.source, folder: 'models/vae', name: 'mine.gguf' },
    ])
  })

  it('sends the name of every file of a workflow, which its source may call otherwise', () => {
    const workflow: Lookup = { ...lookup([file()]), kind: 'workflow' }
    expect(requestsOf(plannedFiles(workflow, {}))).toEqual([
      { source: file().source, folder: 'models/loras', name: 'a.safetensors' },
    ])
  })

  it('chooses nothing that can’t be had or is where it would go', () => {
    const error = { code: 'early_access', message: 'Later.' } as const
    const present = { path: 'models/loras/a.safetensors', same: true }
    const files = [file({ source: null }), file({ error }), file({ present })]
    expect(total(plan(files, { '1/0': { chosen: true }, '1/2': { chosen: true } })).count).toBe(0)
    // A second copy elsewhere is somebody's right.
    expect(total(plan(files, { '1/2': { chosen: true, folder: 'models/vae' } })).count).toBe(1)
  })

  it('sends no two files to one place, and none over another', () => {
    const twice = [file({ detail: 'fp16' }), file({ detail: 'fp32' })]
    expect([...problems(plan(twice)).keys()]).toEqual(['1/0', '1/1'])
    expect(problems(plan(twice, { '1/1': { name: 'b.safetensors' } })).size).toBe(0)
    expect(problems(plan(twice, { '1/1': { chosen: false } })).size).toBe(0)
    const taken = [file({ present: { path: 'models/loras/a.safetensors', same: false } })]
    expect(problems(plan(taken)).get('1/0')).toMatch(/nothing is overwritten/)
    expect(problems(plan(taken, { '1/0': { folder: 'models/vae' } })).size).toBe(0)
    expect(problems(plan([file()], { '1/0': { folder: ' / ' } })).size).toBe(1)
    expect(problems(plan([file()], { '1/0': { name: 'a/b' } })).size).toBe(1)
  })

  it('can’t be started when nothing is chosen, when it doesn’t fit, or beside a queue that needs the room', () => {
    expect(start([file()], 10).obstacle).toBeUndefined()
    expect(start([file()], 9).obstacle).toMatch(/^It doesn’t fit: 1 B more/)
    expect(start([file()], 10, { '1/0': { chosen: false } }).obstacle).toBe('Nothing is chosen.')
    const here = file({ present: { path: 'models/vae/a', same: true }, chosen: false })
    expect(start([here], 10).obstacle).toBe('All of it is here already.')
    expect(start([file({ size: null })], 0)).toMatchObject({ obstacle: undefined, isExact: false })
    const planned = plan([file()])
    const queued = { state: 'paused', size: 8, received: 3 } as never
    expect(planStart(planned, new Map(), 14, [queued]).obstacle).toMatch(/beside what is in the queue/)
    expect(planStart(planned, new Map(), 15, [queued]).obstacle).toBeUndefined()
  })
})
