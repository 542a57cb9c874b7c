import type { ServiceName } from '../../db/schema'
import type { MachineSize } from '../../machine-sizes'

/** How a service is run in a container, and where it shows that it is ready. */
export interface ServiceImage {
  image: string
  /** The port in the container, where images of its kind listen by themselves. `PORT` says it too. */
  port: number
  /** Any answer below 500 on this path means ready. */
  readyPath: string
  /** Ours writes to its workspace alone. Images in the field write into themselves, such as ComfyUI's nodes. */
  readonlyRoot: boolean
  /** Its own, whatever the machine's size; without them it gets all of that. */
  limits?: ServiceLimits
}

export interface ServiceLimits {
  memoryBytes: number
  cpus: number
  pids: number
  gpus?: MachineSize['gpus']
}

const GIB = 1024 ** 3

const FILEBROWSER_LIMITS: ServiceLimits = { memoryBytes: GIB, cpus: 1, pids: 256 }

/** What a service that does the work of a machine of this size may use. */
export const limitsOf = ({ cpus, memoryGiB, pids, gpus }: MachineSize): ServiceLimits => ({
  memoryBytes: Math.round(memoryGiB * GIB),
  cpus,
  pids,
  gpus,
})

/** The services that this installation can start. */
export function serviceImages({
  comfyuiImage,
  trainerImage,
  filebrowserImage,
}: {
  comfyuiImage: string | undefined
  trainerImage: string | undefined
  filebrowserImage: string
}): Partial<Record<ServiceName, ServiceImage>> {
  const work = (image: string, port: number): ServiceImage => ({
    image,
    port,
    readyPath: '/',
    readonlyRoot: false,
  })
  return {
    ...(comfyuiImage && { comfyui: work(comfyuiImage, 8188) }),
    ...(trainerImage && { trainer: work(trainerImage, 7860) }),
    filebrowser: {
      image: filebrowserImage,
      port: 8080,
      readyPath: '/healthz',
      readonlyRoot: true,
      limits: FILEBROWSER_LIMITS,
    },
  }
}
