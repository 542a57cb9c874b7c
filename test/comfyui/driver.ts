import { pino } from 'pino'
import { onTestFinished } from 'vitest'
import { type FakeComfyUi, startFakeComfyUi } from '~/test/fakes/comfyui'
import type { PromptEnd } from '~/worker/comfyui/comfyui'
import { type ComfyUiTimings, openComfyUi } from '~/worker/comfyui/open'

const TIMINGS: ComfyUiTimings = { callMs: 20_000, lookEveryMs: 50, silentMs: 0, againMs: 10 }
export const never = () => new AbortController().signal
export const quiet = pino({ level: 'silent' })

/** A stand-in, and the driver for it. */
export async function startDriven(
  options?: Parameters<typeof startFakeComfyUi>[0],
  timings: Partial<ComfyUiTimings> = {},
) {
  const fake = await startFakeComfyUi(options)
  onTestFinished(fake.close)
  return { fake, comfy: driverOf(fake, timings) }
}

export const driverOf = (fake: Pick<FakeComfyUi, 'url'>, timings: Partial<ComfyUiTimings> = {}) =>
  openComfyUi({ address: fake.url, logger: quiet, timings: { ...TIMINGS, ...timings } })

export function outputsOf(end: PromptEnd) {
  if (end.kind !== 'done') throw new Error(`It ended as ${JSON.stringify(end)}.`)
  return end.outputs
}

export const ignore = () => undefined
