import { AppError } from '../../errors'
import { type MachineSize, type SizeUse, sizesFor } from '../../machine-sizes'

/**
 * The size that a machine gets.
 * @param wanted the name of one; without it the first that may be used
 * @throws AppError `bad_input` naming those that may be
 */
export function chooseSize(all: readonly MachineSize[], use: SizeUse, wanted: string | undefined): string {
  const offered = sizesFor(all, use)
  const chosen = wanted === undefined ? offered[0] : offered.find(({ name }) => name === wanted)
  if (chosen) return chosen.name
  const names = offered.map(({ name }) => name).join(', ')
  const others = names
    ? `Choose one of ${names}.`
    : 'Your administrator can offer you one in MACHINES_CONFIG.'
  throw new AppError(
    'bad_input',
    wanted === undefined
      ? `No size is offered to you for this kind of machine. ${others}`
      : `The size “${wanted}” is not offered to you here. ${others}`,
    { field: 'size' },
  )
}
