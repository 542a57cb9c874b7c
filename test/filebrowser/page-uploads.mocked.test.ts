import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { sending } from '~/filebrowser/page/uploads/send'
import { uploadProgress } from '~/filebrowser/page/uploads/upload-progress'
import { type UploadItem, UploadQueue } from '~/filebrowser/page/uploads/upload-queue'

const browser = vi.hoisted(() => ({ isBroken: true, prepared: 0 }))
vi.mock('tus-js-client', () => ({
  Upload: class {
    constructor(
      _file: File,
      readonly options: { onSuccess: () => void },
    ) {}

    async findPreviousUploads() {
      browser.prepared++
      if (browser.isBroken) throw new Error('The storage can’t be read.')
      return []
    }

    start() {
      this.options.onSuccess()
    }
  },
}))

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('document', { baseURI: 'http://machine.test/' })
  vi.stubGlobal('addEventListener', () => {})
  vi.stubGlobal('removeEventListener', () => {})
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('an upload that could not be prepared is prepared anew, by itself', async () => {
  const queue = new UploadQueue({ sending, onArrived: () => {} })
  queue.add([{ file: new File(['x'], 'a.txt'), folder: '', name: 'a.txt', overwrite: false }])
  await vi.advanceTimersByTimeAsync(5000)
  expect(queue.read()).toMatchObject([{ state: 'lost' }])
  expect(browser.prepared).toBe(3)
  browser.isBroken = false
  await vi.advanceTimersByTimeAsync(2000)
  expect(queue.read()).toMatchObject([{ state: 'done' }])
})

test('uploads have come as far as all that is listed, and are stuck when all that is left has failed', () => {
  const item = (state: UploadItem['state'], sent: number) =>
    ({ state, sent, parcel: { file: { size: 100 } } }) as UploadItem
  const all = [item('done', 100), item('sending', 50), item('failed', 0), item('waiting', 0)]
  expect(uploadProgress(all)).toEqual({ open: 3, isStuck: false, share: 0.375 })
  expect(uploadProgress([item('done', 100), item('failed', 0)])).toMatchObject({ open: 1, isStuck: true })
  expect(uploadProgress([])).toMatchObject({ open: 0 })
})
