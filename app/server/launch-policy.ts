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
  const isDocker = settings.runtime === 'docker'
  return {
    sizesHold: isDocker,
    membersMayLaunch: isDocker || settings.allowUnisolated,
    hasComfyui: (isDocker ? settings.comfyuiImage : settings.comfyuiCommand) !== undefined,
    hasTrainer: (isDocker ? settings.trainerImage : settings.trainerCommand) !== undefined,
  }
}
