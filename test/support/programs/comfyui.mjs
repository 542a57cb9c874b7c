// A stand-in for ComfyUI, to be started as COMFYUI_COMMAND: node comfyui.mjs [faults as JSON]
import { startComfyUi } from '../comfyui/server.mjs'

const { HOST, PORT, WORKSPACE } = process.env
const faults = JSON.parse(process.argv[2] ?? '{}')
const { url } = await startComfyUi({
  host: HOST,
  port: Number(PORT),
  workspace: WORKSPACE,
  environment: process.env,
  faults,
})
console.log(`To see the GUI go to: ${url}`)
process.on('SIGTERM', () => process.exit(0))
