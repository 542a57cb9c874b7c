/** How much there is of everything in an installation that is measured. */
export interface Amounts {
  users: number
  machines: number
  /** Of them, the administrator's, who looks at the pages. */
  ofAdmin: number
  failed: number
  running: number
  models: number
  requests: number
  /** Of them, the administrator's. */
  requestsOfAdmin: number
  /** The administrator has as many in both. */
  saves: number
}

/** Some three years of a team: 10 % of launches failed, 0.05 % of machines run. */
export const LARGE: Amounts = {
  users: 1000,
  machines: 100_000,
  ofAdmin: 1000,
  failed: 10_000,
  running: 50,
  models: 300,
  requests: 50_000,
  requestsOfAdmin: 1000,
  saves: 2000,
}

/** As little as fills one page of each list, so that both installations show as many rows. */
export const SMALL: Amounts = {
  users: 100,
  // 100 that have ended, of whom half are the administrator's, and as many that run as in the large one.
  machines: 150,
  ofAdmin: 75,
  failed: 75,
  running: 50,
  models: 100,
  requests: 200,
  requestsOfAdmin: 60,
  saves: 60,
}
