/** Tells of each fault once, by its text: for what is tried again every minute. */
export function onceEach(onFault: (error: unknown) => void): (error: unknown) => void {
  const told = new Set<string>()
  return (error) => {
    if (told.has(String(error))) return
    told.add(String(error))
    onFault(error)
  }
}
