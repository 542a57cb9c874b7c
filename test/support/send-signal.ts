/**
 * `process.kill` takes 0 for the caller's whole group: a pid that wasn't found would end the test run.
 * @throws when it is no pid of a single process
 */
export function sendSignal(pid: number | undefined, signal: NodeJS.Signals): void {
  if (!pid || pid <= 1) throw new Error(`There is no process to send ${signal} to.`)
  process.kill(pid, signal)
}
