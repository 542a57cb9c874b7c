import type { Settings } from '../../env'
import type { Services } from '../trpc/context'

type LaunchSettings = Pick<
  Settings,
  'runtime' | 'allowUnisolated' | 'comfyuiCommand' | 'trainerCommand' | 'comfyuiImage' | 'trainerImage'
>

/** What can be launched here and by whom: everybody where machines are isolated from the server. */
export function launchPolicy(
  settings: LaunchSettings,
): Pick<Services['policy'], 'membersMayLaunch' | 'hasComfyui' | 'hasTrainer' | 'sizesHold'> {
  const hasImages = settings.runtime !== 'process'
  return {
    sizesHold: hasImages,
    membersMayLaunch: hasImages || settings.allowUnisolated,
    hasComfyui: (hasImages ? settings.comfyuiImage : settings.comfyuiCommand) !== undefined,
    hasTrainer: (hasImages ? settings.trainerImage : settings.trainerCommand) !== undefined,
  }
}
