const UNITS = new Map([
  ['', 1],
  ['n', 1e-9],
  ['u', 1e-6],
  ['m', 1e-3],
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['T', 1e12],
  ['Ki', 2 ** 10],
  ['Mi', 2 ** 20],
  ['Gi', 2 ** 30],
  ['Ti', 2 ** 40],
])

/** @throws Error for what https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ doesn't know */
export function quantity(text: string | number): number {
  const [, digits = '', unit = ''] = /^([+-]?[\d.]+)([a-zA-Z]*)$/.exec(String(text)) ?? []
  const factor = UNITS.get(unit)
  if (!digits || factor === undefined) throw new Error(`${text} is no quantity.`)
  return Number(digits) * factor
}
