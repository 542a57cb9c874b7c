/** What services of tests may do, see test/support/programs/service.mjs. */
export const BEHAVIOURS = [
  'answers',
  'never-answers',
  'exits-at-once',
  'ignores-term',
  'prints',
  'floods',
] as const
export type Behaviour = (typeof BEHAVIOURS)[number]

const PROGRAM = `${process.cwd()}/test/support/programs/service.mjs`

/** The programs of the images `slipway-test:<behaviour>`. */
export const IMAGES = Object.fromEntries(
  BEHAVIOURS.map((behaviour) => [`slipway-test:${behaviour}`, [process.execPath, PROGRAM, behaviour]]),
)
