import type { Logger } from 'pino'
import type { ModelRequest } from '../../db/model-request-states'
import type { ModelDefinition, ModelSource } from '../../workflows/definition'
import type { ComfyUi, Missing, NodeOutput } from '../comfyui/comfyui'
import { openComfyUi } from '../comfyui/open'
import type { WorkerDeps } from '../deps'
import { turns } from '../turns'
import { inputNetwork } from './input-content'
import { bringInputs } from './inputs'
import { bringModelFiles } from './model-files'
import { fetchResults, type Results } from './results'

/** How far a stage is: from 0 to 1 where that is known, and a sentence. */
export type Report = (done: number | null, text: string) => void

/** What the run of a request is made of, apart from it: tests put others in their place. */
export interface RequestTools {
  openComfyUi(given: { address: string; logger: Logger }): ComfyUi

  /** @throws RequestError `models_missing`, `download_failed` */
  bringModelFiles(
    deps: WorkerDeps,
    given: { filebrowser: string | undefined; files: Missing['files']; sources: readonly ModelSource[] },
    report: Report,
    signal: AbortSignal,
  ): Promise<void>

  /** @returns values with files uploaded @throws RequestError `input_unusable` */
  bringInputs(
    deps: WorkerDeps,
    comfyui: ComfyUi,
    request: { id: string; inputs: Record<string, unknown> },
    definition: ModelDefinition,
    signal: AbortSignal,
  ): Promise<Record<string, unknown>>

  /**
   * Writes what came out below `results/<user>/<request>` of the data folder.
   * @throws RequestError `no_output`, `result_too_large`, `disk_full`
   */
  fetchResults(
    deps: WorkerDeps,
    comfyui: ComfyUi,
    request: ModelRequest,
    definition: ModelDefinition,
    outputs: Map<string, NodeOutput>,
    hold: { stillMine(): boolean; signal: AbortSignal },
  ): Promise<Results>
}

/** Files that are given as inputs are in memory while they are brought. */
const INPUTS_AT_ONCE = 4

/** Those of a worker. */
export function requestTools({ forServices }: WorkerDeps): RequestTools {
  const inputDeps = { network: inputNetwork(forServices.downloadHosts), inTurn: turns(INPUTS_AT_ONCE) }
  return {
    openComfyUi,
    bringModelFiles,
    bringInputs: (_deps, comfyui, { inputs }, definition, signal) =>
      bringInputs(inputDeps, comfyui, inputs ?? {}, definition, signal),
    fetchResults,
  }
}
