import { describe, expect, it } from 'vitest'
import { LAUNCH_ERROR_GROUPS, LAUNCH_ERRORS, launchError, retryMayHelp } from '~/launch-errors'

describe('every class of failure', () => {
  it.each(Object.entries(LAUNCH_ERRORS))(
    '%s says in whole sentences what happened and what to do',
    (_, entry) => {
      expect(Object.keys(LAUNCH_ERROR_GROUPS)).toContain(entry.group)
      for (const text of [entry.message, entry.cure, entry.adminCure]) expect(text).toMatch(/^[A-Z].*\.$/)
    },
  )

  it('of a restore is alone in its group, so that no retry of another reason brings restored machines along', () => {
    const { group } = LAUNCH_ERRORS.restored
    expect(Object.values(LAUNCH_ERRORS).filter((entry) => entry.group === group)).toHaveLength(1)
  })

  it('has another name than every group, since people choose either by name', () => {
    expect(Object.keys(LAUNCH_ERRORS).filter((name) => name in LAUNCH_ERROR_GROUPS)).toEqual([])
  })
})

it('a class of an older version is shown by its name, with a cure', () => {
  for (const old of ['port_taken', 'constructor']) {
    expect(launchError(old)).toMatchObject({
      label: old,
      group: 'slipway',
      cure: expect.stringMatching(/\.$/),
    })
    expect(retryMayHelp(old)).toBe(true)
  }
})
