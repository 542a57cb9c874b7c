import type { Faults } from './contract'
import type { ContainerState } from './objects'

/** What the kubelet says of an image that it can't have, in containerd's words; undefined when it has it. */
export function pullFailure(
  image: string,
  images: ReadonlyMap<string, readonly string[]>,
  faults: Faults,
): NonNullable<ContainerState['waiting']> | undefined {
  if (image !== image.toLowerCase() && !/[:@]/.test(image))
    return {
      reason: 'InvalidImageName',
      message: `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format: repository name (library/${image}) must be lowercase`,
    }
  const fault = faults.pull(image) ?? (images.has(image) ? undefined : 'not found')
  if (fault === undefined || fault === 'slow') return undefined
  const failed = `failed to pull and unpack image "${image}": failed to resolve reference "${image}"`
  return {
    reason: 'ErrImagePull',
    message:
      fault === 'not found'
        ? `rpc error: code = NotFound desc = ${failed}: ${image}: not found`
        : `rpc error: code = DeadlineExceeded desc = ${failed}: failed to do request: Head "https://registry.example/v2/": dial tcp 192.0.2.1:443: i/o timeout`,
  }
}
