import type { Workflow } from '~/workflows/workflow'

/** The node whose picture comes back. */
export const SAVE = '2'

/** As little as makes a picture. Another colour is another picture, so that ComfyUI has none of it in its cache. */
export const picture = (color: number): Workflow => ({
  1: { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color } },
  [SAVE]: { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'bench' } },
})

let colors = 0
/** One that no prompt of this run had. */
export const nextColor = () => ++colors
