/** Preloaded into a worker that is started only to end the machines: it gets a Ctrl-C once it heeds one. */
process.on('newListener', (event) => {
  if (event === 'SIGINT') setImmediate(() => process.kill(process.pid, 'SIGINT'))
})
